/** Stacks to reckon with: settings that every test starts from. */
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import type { Cloud } from "../../cli/cost/prices.ts";

const guid = (last: number): string => `00000000-0000-4000-8000-00000000000${String(last)}`;

/** The least that a cloud has to be told; without pools but the system's. */
const least: Readonly<Record<Cloud, object>> = {
  gke: {
    project: "example-kubeflow-dev",
    projectNumber: "123456789012",
    region: "us-central1",
    zones: ["us-central1-a", "us-central1-b"],
    domain: "dev.example.com",
  },
  eks: {
    accountId: "111122223333",
    region: "us-east-1",
    zones: ["us-east-1a", "us-east-1b"],
    domain: "dev.example.com",
    deployerArn: "arn:aws:iam::111122223333:role/deployer",
    pullThrough: [],
  },
  aks: {
    subscriptionId: guid(1),
    tenantId: guid(2),
    location: "eastus2",
    domain: "dev.example.com",
    adminGroupIds: [guid(3)],
    deployer: { objectId: guid(4) },
    pullThrough: [],
  },
};

export function stackOn(
  cloud: Cloud,
  settings: object = {},
  prices: Readonly<Record<string, number>> = {},
): StackConfig {
  return parseStackConfig("test", {
    "kubeflow:target": cloud,
    [`kubeflow:${cloud}`]: JSON.stringify({ ...least[cloud], ...settings }),
    "kubeflow:prices": JSON.stringify(prices),
  });
}
