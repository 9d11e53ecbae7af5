/** What nobody but a person can do. */
import * as pulumi from "@pulumi/pulumi";
import { machineFor } from "./gpu-machines.ts";
import { mirrored } from "./mirrors.ts";
import type { AksSettings } from "./settings.ts";

interface Quota {
  /** vCPUs that the pools need at most. */
  readonly vcpus: number;
  readonly series: string;
}

/** vCPUs by series that the GPU pools at `max` need. Azure has no resource that asks for them. */
function quotasOf({ gpuPools }: Pick<AksSettings, "gpuPools">): readonly Quota[] {
  const needs = gpuPools.flatMap((pool) => {
    const machine = machineFor(pool);
    if (machine === undefined || pool.capacity === "reservation") return [];
    // Spot machines of all series have one quota together.
    const series = pool.capacity === "spot" ? "Total Regional Spot" : `Standard ${machine.series} Family`;
    return [{ series, vcpus: machine.vcpus * pool.max }];
  });
  return [...Map.groupBy(needs, ({ series }) => series)].map(([series, same]) => ({
    series,
    vcpus: same.reduce((sum, { vcpus }) => sum + vcpus, 0),
  }));
}

/** What is known only once it is there. */
interface Outcome {
  readonly nameServers: pulumi.Output<string>;
  /** Object id of who reads the account for `docker.io`. */
  readonly dockerHubReader: pulumi.Output<string>;
}

export function nextSteps(settings: AksSettings, outcome: Outcome): readonly pulumi.Input<string>[] {
  const { location, authorizedNetworks, gpuPools, pullThrough, domain, dockerHub } = settings;
  const quotas = quotasOf(settings).map(
    ({ series, vcpus }) =>
      `See that the subscription's quota in ${location} has ${String(vcpus)} vCPUs for ${series}, which the GPU pools ` +
      "need at most: az vm list-usage, and ask for more in the portal under Quotas.",
  );
  const isMirrored = new Set(mirrored(settings));
  const unmirrored = pullThrough.filter((host) => !isMirrored.has(host));
  const vault = dockerHub?.password.split("/secrets/")[0];
  return [
    ...quotas,
    ...when(settings.encryptionAtHost, feature("Microsoft.Compute", "EncryptionAtHost")),
    ...when(
      gpuPools.some(({ localSsd }) => localSsd),
      feature("Microsoft.ContainerService", "KubeletDisk"),
    ),
    pulumi.interpolate`In the zone above ${domain}, delegate it to ${outcome.nameServers}.`,
    ...when(
      authorizedNetworks.length === 0,
      "The control plane is reached from the network only: run kubectl and pulumi up from a machine in it or peered with it.",
    ),
    ...when(
      vault !== undefined,
      pulumi.interpolate`Give ${outcome.dockerHubReader} the role Key Vault Secrets User of ${vault ?? ""}, so that docker.io is mirrored.`,
    ),
    ...when(
      unmirrored.length > 0,
      `Images of ${unmirrored.join(", ")} are pulled from there: Azure does not mirror nvcr.io, and docker.io with an ` +
        "account only (kubeflow:aks.dockerHub).",
    ),
  ];
}

const when = (is: boolean, step: pulumi.Input<string>): readonly pulumi.Input<string>[] => (is ? [step] : []);

const feature = (namespace: string, name: string): string =>
  `Once for the subscription: az feature register --namespace ${namespace} --name ${name}.`;
