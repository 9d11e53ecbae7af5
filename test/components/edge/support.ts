/** The release with the edge that a test asks for, and readers of what it has become. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import type { DnsZone } from "../../../components/contracts/dns-zone.ts";
import { customise, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { edge } from "../../../components/kubeflow/edge/edge.ts";
import { edgeSettings } from "../../../components/kubeflow/edge/settings.ts";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../../release/types.ts";

export type EdgeInput = z.input<typeof edgeSettings>;

export const domain = "kubeflow.example.com";
export const selfSigned: EdgeInput = { domain, issuer: { kind: "self-signed" } };

/** A zone that holds the domain, and whose writers carry something. */
export const zoneOfTests: DnsZone = {
  provider: "azure",
  domain: "example.com",
  dns01Solver: {
    azureDNS: { subscriptionID: "s", resourceGroupName: pulumi.output("g"), hostedZoneName: "example.com" },
  },
  externalDns: {
    arguments: ["--azure-zone-type=public"],
    environment: { AWS_REGION: "eu-west-1" },
    azureJson: pulumi.output('{"useWorkloadIdentityExtension":true}'),
  },
  writers: {
    "cert-manager/cert-manager": {
      annotations: { "example.com/identity": pulumi.output("proves") },
      podLabels: { "example.com/use": "true" },
    },
    "external-dns/external-dns": {
      annotations: { "example.com/identity": pulumi.output("records") },
      podLabels: { "example.com/use": "true" },
    },
  },
};

interface Options {
  /** A whole one, or what differs from a plain one. */
  readonly target?: ClusterTarget | Partial<ClusterTarget>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What the edge makes of the release; undefined settings leave `kubeflow:edge` out. */
export function withEdge(
  release: RenderedRelease,
  settings: EdgeInput | undefined,
  { target = {}, secrets = {} }: Options = {},
): CustomisedRelease {
  const context = {
    name: "kubeflow",
    target: isWhole(target) ? target : { ...plainTarget, ...target },
    settings: settings === undefined ? {} : { edge: edgeSettings.parse(settings) },
    release,
    adminEmail: "user@example.com",
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)])),
    parent: nobody,
  };
  return customise(context, [edge]);
}

function isWhole(target: ClusterTarget | Partial<ClusterTarget>): target is ClusterTarget {
  return target.contractVersion !== undefined;
}

// The edge creates no resource and reads no provider.
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

/** The objects of a kind, by their name. */
export function of({ release }: CustomisedRelease, kind: string): readonly KubernetesObject[] {
  return release.objects.filter((object) => object.kind === kind);
}

export function one(customised: CustomisedRelease, kind: string, name: string): KubernetesObject {
  const named = of(customised, kind).filter(({ metadata }) => metadata.name === name);
  const [found] = named;
  assert.ok(found && named.length === 1, `${String(named.length)} ${kind} ${name}`);
  return found;
}

/** What stands at the path of keys; undefined where there is nothing. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (item, key) => (typeof item === "object" && item !== null ? Reflect.get(item, key) : undefined),
      value,
    );
}

export function textsAt(value: unknown, path: string): readonly string[] {
  const found = at(value, path);
  return Array.isArray(found) ? found.map(String) : [];
}
