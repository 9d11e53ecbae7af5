/** The program: configuration, target, platform, outputs. It runs under the Pulumi CLI and under `kf` alike. */
import { KubeflowPlatform } from "../components/kubeflow/platform.ts";
import { loadStackConfig } from "./load-config.ts";
import { loadRelease } from "./release.ts";
import { targets } from "./targets.ts";

const config = loadStackConfig();
const rendered = await loadRelease(config);
const platform = new KubeflowPlatform("kubeflow", {
  target: targets[config.target](config),
  release: rendered,
  upstreamCredentials: config.upstreamCredentials,
});

/** The Kubeflow release that is installed. */
export const release = rendered.name;
/** sha256 of everything that was rendered: two stacks with one digest run the same objects, byte for byte. */
export const digest = rendered.digest;
/** Objects registered, CRDs included. */
export const objects = platform.installed;
