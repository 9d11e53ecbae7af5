/** What `kubeflow:login` renders, through the schema and back from the text, as the programs get it. */
import type { z } from "zod";
import { parse, stringify } from "yaml";
import { dexConfig } from "../../components/kubeflow/login/dex-config.ts";
import { dexModel, type DexConfig } from "../../components/kubeflow/login/dex-model.ts";
import { loginSettings } from "../../components/kubeflow/login/settings.ts";

export type LoginInput = z.input<typeof loginSettings>;

export function renderedDex(settings: LoginInput): DexConfig {
  const config = dexConfig(loginSettings.parse(settings), { url: "https://kubeflow.example.com" });
  return dexModel.parse(parse(stringify(config)));
}
