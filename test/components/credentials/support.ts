/** A platform whose credentials are generated, and what of it comes to be in the cluster. */
import assert from "node:assert/strict";
import { KubeflowPlatform, type KubeflowPlatformArgs } from "../../../components/kubeflow/platform.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import { opened, record, type Recorded, type Recording } from "../../support/recording.ts";

type Args = Omit<KubeflowPlatformArgs, "target">;

/** Registers the release on a cluster whose pods run; what is generated is called by its name and rotation. */
export async function install(args: Args): Promise<Recording & { readonly platform: KubeflowPlatform }> {
  let made: KubeflowPlatform | undefined;
  const recording = await record(
    (options) => {
      const target = new KubeconfigTarget(
        "cluster",
        { kind: "kubeconfig", kubeconfig: "clusters: []", clusterIdentifier: "c", admission: "enforced" },
        options,
      );
      made = new KubeflowPlatform("kubeflow", { target, ...args }, options);
    },
    ({ type, name, inputs }) => {
      if (type !== "random:index/randomPassword:RandomPassword") return {};
      const { keepers } = inputs as { readonly keepers?: { readonly rotation: string } };
      const result = `generated(${name}, ${keepers?.rotation ?? "first"})`;
      return { result, bcryptHash: `hash of ${result}` };
    },
  );
  assert.ok(made);
  return Object.assign(recording, { platform: made });
}

export const generated = (name: string, rotation = "first"): string => `generated(${name}, ${rotation})`;

/** What a field of a Secret comes to in the cluster. */
export function field(recording: Recording, secret: string, key: string): string {
  const { inputs } = secretNamed(recording, secret);
  const data = opened(inputs["data"]) as Readonly<Record<string, unknown>> | undefined;
  const texts = opened(inputs["stringData"]) as Readonly<Record<string, unknown>> | undefined;
  const encoded = opened(data?.[key]);
  const value = typeof encoded === "string" ? Buffer.from(encoded, "base64").toString() : opened(texts?.[key]);
  assert.ok(typeof value === "string", `${secret} has no ${key}`);
  return value;
}

function secretNamed(recording: Recording, name: string): Recorded {
  const found = recording.all("kubernetes:core/v1:Secret").find((each) => each.name.startsWith(name));
  assert.ok(found, name);
  return found;
}
