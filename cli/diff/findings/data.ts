/** What is lost with a resource. Pure. */
import type { PlannedResource } from "../../operation.ts";
import { describeUrn } from "../../report.ts";
import type { ResourceChange } from "../compare.ts";
import type { Follower } from "../followers.ts";
import type { Finding } from "../report.ts";
import { few } from "./sides.ts";

const clusters: ReadonlySet<string> = new Set([
  "gcp:container/cluster:Cluster",
  "aws:eks/cluster:Cluster",
  "azure-native:containerservice:ManagedCluster",
]);

/** By pattern of the type, what goes with such a resource. Also of types that the program does not use yet. */
const losses: readonly (readonly [RegExp, string])[] = [
  [/^kubernetes:core\/v1:PersistentVolumeClaim$/, "the data of the claim"],
  [/^kubernetes:core\/v1:PersistentVolume$/, "the volume, and with it the data of its claim"],
  [/^kubernetes:apps\/v1:StatefulSet$/, "its pods; its claims are left, and may not fit the new one"],
  [/^kubernetes:core\/v1:Namespace$/, "everything in the namespace, claims included"],
  [/^kubernetes:kubeflow\.org\/[^:]+:Profile$/, "the profile's namespace with all notebooks, pipelines and claims"],
  [/:CustomResourceDefinition$/, "every object of this kind in the cluster"],
  [/^gcp:storage\/bucket:|^aws:s3\/bucket(V2)?:/, "what is in the bucket"],
  [/^azure-native:storage:(StorageAccount|BlobContainer|FileShare)$/, "what is stored in it"],
  [/^gcp:sql\/database(Instance)?:|^aws:rds\/(instance|cluster):|^aws:dynamodb\/table:/, "the data of the database"],
  [/^azure-native:dbformysql:(Server|Database)$/, "the data of the database"],
  [/^gcp:compute\/(disk|regionDisk):|^aws:ebs\/volume:|^azure-native:compute:Disk$/, "the data of the disk"],
  [/^gcp:filestore\/instance:|^aws:efs\/fileSystem:/, "the files"],
  [/^gcp:kms\/(keyRing|cryptoKey):|^aws:kms\/key:|^azure-native:keyvault:(Vault|Key)$/, "all that the key encrypts"],
  [/^gcp:secretmanager\/secret:|^aws:secretsmanager\/secret:|^azure-native:keyvault:Secret$/, "the secret's versions"],
  [/^gcp:artifactregistry\/repository:|^aws:ecr\/repository:|^azure-native:containerregistry:Registry$/, "the images"],
  [
    /^gcp:dns\/managedZone:|^aws:route53\/zone:|^azure-native:dns:Zone$/,
    "the records of the zone and its name servers",
  ],
  [/^aws:cognito\/userPool:/, "the users"],
  [/^azure-native:resources:ResourceGroup$/, "everything in the resource group"],
];

export function dataFindings(change: ResourceChange): readonly Finding[] {
  const { op, type, before, replaceReasons, followers } = change;
  if (op !== "replace" && op !== "delete") return [];
  const verb = op === "delete" ? "deleted" : `replaced (${replaceReasons.map(({ path }) => path).join(", ")})`;
  return [
    ...lossFindings(clusters.has(type) ? "the cluster" : "it", verb, type, before),
    ...followerFindings(followers),
  ];
}

/** Each that holds something by itself, and the others in one. */
function followerFindings(followers: readonly Follower[]): readonly Finding[] {
  const lost = followers.map(({ urn, type, path, before }) =>
    lossFindings(describeUrn(urn), `replaced with it (${path})`, type, before),
  );
  const others = followers.filter((_, index) => lost[index]?.length === 0);
  const names = few(others.map(({ urn, path }) => `${describeUrn(urn)} (${path})`));
  const message = `replaced with it: ${names}`;
  return [
    ...lost.flat(),
    ...(others.length === 0 ? [] : [{ kind: "replaced-too", level: "warning", message } as const]),
  ];
}

function lossFindings(
  what: string,
  verb: string,
  type: string,
  before: PlannedResource | undefined,
): readonly Finding[] {
  if (clusters.has(type)) {
    return [
      {
        ...{ kind: "cluster-replaced", level: "danger" },
        message: `${what} is ${verb}: everything that runs in it and every volume of it goes`,
      },
    ];
  }
  const loss = losses.find(([pattern]) => pattern.test(type))?.[1];
  if (loss === undefined) return [];
  const isLeft = before?.retainOnDelete === true;
  return [
    {
      ...{ kind: "data-loss", level: isLeft ? "warning" : "danger" },
      message: isLeft
        ? `${what} is ${verb}, and the old one is left behind (retainOnDelete): the program knows it no more`
        : `${what} is ${verb}, and with it ${loss}${before?.protect === true ? "; it is protected, so an up refuses" : ""}`,
    },
  ];
}
