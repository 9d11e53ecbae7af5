/** An EKS target made under recording mocks, as a simulated AWS answers. */
import * as pulumi from "@pulumi/pulumi";
import { EksTarget } from "../../../components/eks/eks-target.ts";
import type { EksSettings } from "../../../components/eks/settings.ts";
import { awsTable } from "../../../engine/simulation/aws.ts";
import type { PropertyMap } from "../../../engine/values.ts";
import { opened, record, type Recorded, type Recording } from "../../support/recording.ts";
import { account, region, settingsWith } from "./settings.ts";

const reserved = {
  capacity: "reservation" as const,
  reservation: "cr-0123456789abcdef0",
  zones: ["eu-central-1a"],
};

export const everything = settingsWith({
  zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  protection: "strict",
  natGateways: "per-zone",
  cpuPools: [{ name: "cpu", max: 3, spot: true }],
  gpuPools: [
    { name: "l4", gpu: "l4", max: 2, sharing: "time-slicing", clientsPerGpu: 4, localSsd: true },
    { name: "h100", gpu: "h100", gpusPerNode: 8, max: 2, ...reserved, capacity: "capacity-block", localSsd: true },
    { name: "mig", gpu: "h100", gpusPerNode: 8, min: 1, max: 1, ...reserved, sharing: "mig", migProfile: "1g.10gb" },
  ],
  database: { size: "medium", highlyAvailable: true },
  pullThrough: ["docker.io", "quay.io", "nvcr.io"],
  requestQuota: true,
  budget: { monthlyUsd: 1000, emails: ["team@example.com"] },
});

/** What AWS would add, by the table that also simulates it. */
function answer({ type, name, inputs }: { type: string; name: string; inputs: unknown }): PropertyMap {
  const known = awsTable[type];
  if (known === undefined) return {};
  const config = { region, allowedAccountIds: JSON.stringify([account]) };
  const given = {
    ...(known.autoName === undefined ? {} : { [known.autoName.property]: name }),
    ...(inputs as PropertyMap),
  };
  return { ...given, ...known.answer({ token: "sim-0", config, inputs: given }).outputs };
}

export async function recordTarget(
  settings: EksSettings,
  use: (target: EksTarget) => unknown = () => undefined,
): Promise<Recording> {
  return record(async (options) => {
    const args = {
      environment: "dev",
      kubernetesVersion: "1.35.0",
      oauthClientSecret: undefined,
      admission: "enforced",
      settings,
    } as const;
    await use(new EksTarget("cluster", args, options));
  }, answer);
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export function statementsOf(policy: unknown): readonly Statement[] {
  const { Statement: statements } = JSON.parse(String(opened(policy))) as { readonly Statement: readonly Statement[] };
  return statements;
}

export const listed = (value: string | readonly string[]): readonly string[] =>
  typeof value === "string" ? [value] : value;

export const namesOf = (dependencies: unknown): readonly string[] =>
  (Array.isArray(dependencies) ? dependencies : []).flatMap((dependency) =>
    pulumi.Resource.isInstance(dependency) && "__name" in dependency ? [String(dependency.__name)] : [],
  );

export const needs = ({ options }: Recorded): readonly string[] => namesOf(options.dependsOn);
