/** The release as a concern is given it: the real one where a mirror is, with the settings of a test. */
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { customise, type Concern, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { platformSettings } from "../../../components/kubeflow/settings.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { bareRelease, loadRelease } from "../../../stacks/release.ts";
import { neededMirror } from "../../support/mirror.ts";

/** Gives the suite release 26.03; skips it, loudly, where there is neither a cache nor a mirror of it. */
export function useRelease(): () => RenderedRelease {
  let release: RenderedRelease | undefined;
  before(async function () {
    this.timeout(5 * 60_000);
    release = await loadRelease(bareRelease("26.03", "lean"), { mirror: neededMirror(this) });
  });
  return () => {
    if (release === undefined) throw new Error("the release was used before it was loaded");
    return release;
  };
}

export type Settings = z.input<typeof platformSettings>;

/** What the concerns make of the release, one after the other. */
export function customised(
  release: RenderedRelease,
  settings: Settings,
  concerns: readonly Concern[],
  target: Partial<ClusterTarget> = {},
): CustomisedRelease {
  return customise(
    {
      name: "kubeflow",
      target: { ...plainTarget, ...target },
      settings: platformSettings.parse(settings),
      release,
      adminEmail: "user@example.com",
      secrets: {},
      parent: nobody,
    },
    concerns,
  );
}

/** Concerns of this folder create no resource and read no output of the target. */
const unused: unknown = {};
const nobody = unused as pulumi.Resource;

const plainTarget: ClusterTarget = {
  contractVersion: 1,
  kind: "kubeconfig",
  name: "test",
  kubeconfig: unused as pulumi.Output<string>,
  clusterIdentifier: pulumi.output("c"),
  provider: unused as pulumi.ProviderResource,
  ready: [],
  admission: "enforced",
  storage: { defaultClass: undefined },
  ingress: { serviceType: "LoadBalancer", annotations: {}, address: "ip" },
  gpuPools: [],
};
