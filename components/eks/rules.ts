/** Everything that EKS would refuse of a stack's settings. Pure. */
import { partitionOf } from "./aws-names.ts";
import { poolProblems } from "./gpu-rules.ts";
import { longestMirroredName } from "./mirrors.ts";
import type { EksSettings } from "./settings.ts";
import { rangeProblems } from "./subnets.ts";

/** Karpenter 1.14's own list of what it works with; upgrade the chart before the cluster. */
const minors = { first: 31, last: 36 };

export function eksProblems(settings: EksSettings, kubernetesVersion: string): readonly string[] {
  return [
    ...versionProblems(kubernetesVersion),
    ...networkProblems(settings),
    ...nameProblems(settings),
    ...labelProblems(settings),
    ...limitProblems(settings),
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

/** The provider tags a zone in one request, in which Route 53 takes ten tags; four are ours. */
const mostLabels = 6;

/** Labels are tags of every resource: what the strictest service says of a tag holds for all. */
function labelProblems({ labels }: EksSettings): readonly string[] {
  const wrong = Object.entries(labels).filter(
    ([key, value]) => !/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu.test(key) || !tagValue.test(value),
  );
  const count = Object.keys(labels).length;
  return [
    ...wrong.map(
      ([key, value]) =>
        `kubeflow:eks.labels: ${JSON.stringify({ [key]: value })}; allowed: keys of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@, and no key that begins with aws:, as AWS has them in tags`,
    ),
    ...(count > mostLabels
      ? [
          `kubeflow:eks.labels: ${count} labels; allowed: at most ${mostLabels}. With ours they are the 10 tags that Route 53 takes at a time; take some out`,
        ]
      : []),
  ];
}

const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/** A certificate's first name, which is the dashboard's, has 64 characters at most: RFC 5280. */
const longestDomain = 64 - "kubeflow.".length;
/** Of one alert of AWS Budgets. */
const mostEmails = 10;

function limitProblems({ domain, budget }: EksSettings): readonly string[] {
  return [
    ...(domain.length > longestDomain
      ? [
          `kubeflow:eks.domain: ${JSON.stringify(domain)}; allowed: at most ${longestDomain} characters, so that the dashboard's name fits a certificate. Take a shorter zone`,
        ]
      : []),
    ...(budget !== undefined && budget.emails.length > mostEmails
      ? [
          `kubeflow:eks.budget.emails: ${budget.emails.length} addresses; allowed: at most ${mostEmails}, which AWS tells of a budget. Name a mailing list`,
        ]
      : []),
  ];
}
