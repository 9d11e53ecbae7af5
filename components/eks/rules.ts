/** Everything that EKS would refuse of a stack's settings. Pure. */
import { poolProblems } from "./gpu-rules.ts";
import { longestMirroredName } from "./mirrors.ts";
import type { EksSettings } from "./settings.ts";
import { rangeProblems } from "./subnets.ts";
import { partitionOf } from "./aws-names.ts";

/** Karpenter 1.14's own list of what it works with; upgrade the chart before the cluster. */
const minors = { first: 31, last: 36 };

export function eksProblems(settings: EksSettings, kubernetesVersion: string): readonly string[] {
  return [
    ...versionProblems(kubernetesVersion),
    ...networkProblems(settings),
    ...nameProblems(settings),
    ...poolProblems(settings),
  ];
}

/** EKS names versions without the patch: `1.35`. */
export function minorOf(kubernetesVersion: string): string {
  return kubernetesVersion.split(".").slice(0, 2).join(".");
}

function versionProblems(kubernetesVersion: string): readonly string[] {
  const [major, minor] = kubernetesVersion.split(".").map(Number);
  if (major === 1 && minor !== undefined && minor >= minors.first && minor <= minors.last) return [];
  return [
    `kubeflow:kubernetesVersion: ${JSON.stringify(kubernetesVersion)}; allowed: 1.${minors.first} to 1.${minors.last}, which Karpenter 1.14 works with`,
  ];
}

function networkProblems({ networkRange, region, zones }: EksSettings): readonly string[] {
  const foreign = zones.filter((zone) => zone.slice(0, -1) !== region);
  const twice = new Set(zones).size < zones.length;
  return [
    ...rangeProblems(networkRange).map(
      (allowed) => `kubeflow:eks.networkRange: ${JSON.stringify(networkRange)}; allowed: ${allowed}`,
    ),
    ...(foreign.length > 0 || twice
      ? [`kubeflow:eks.zones: ${JSON.stringify(zones)}; allowed: different zones of the region ${region}`]
      : []),
  ];
}

function nameProblems({ clusterName, region, deployerArn, adminArns, pullThrough }: EksSettings): readonly string[] {
  // Cognito's rule for the name of the page that users log in on, which has the cluster's name in it.
  const word = ["aws", "amazon", "cognito"].find((reserved) => clusterName.includes(reserved));
  const partition = partitionOf(region);
  const foreign = [deployerArn, ...adminArns].filter((arn) => !arn.startsWith(`arn:${partition}:`));
  const twice = adminArns.filter((arn, index) => arn === deployerArn || adminArns.indexOf(arn) !== index);
  return [
    ...(word === undefined
      ? []
      : [
          `kubeflow:eks.clusterName: ${JSON.stringify(clusterName)}; allowed: a name without "${word}", which Cognito keeps`,
        ]),
    ...(pullThrough.length > 0 && clusterName.length > longestMirroredName
      ? [
          `kubeflow:eks.clusterName: ${JSON.stringify(clusterName)}; allowed: at most ${longestMirroredName} characters, as ECR's mirrors carry it. Shorten it, or set pullThrough to []`,
        ]
      : []),
    ...foreign.map(
      (arn) =>
        `kubeflow:eks.deployerArn or adminArns: ${JSON.stringify(arn)}; allowed: an ARN of the partition ${partition}`,
    ),
    ...twice.map(
      (arn) => `kubeflow:eks.adminArns: ${JSON.stringify(arn)}; allowed: each once, and not the deployer. Take it out`,
    ),
  ];
}
