import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../shared/cloud-settings.ts";
import { standardLabels } from "../shared/labels.ts";
import { protectionOf, type Protection } from "../shared/protection.ts";
import { Encryption } from "./encryption.ts";
import { Identities } from "./identities.ts";
import { Network } from "./network.ts";
import { Observability } from "./observability.ts";
import type { Place } from "./place.ts";
import type { AksSettings } from "./settings.ts";

const TYPE = "kubeflow:aks:Foundation";

export interface FoundationArgs {
  readonly environment: Environment;
  /** Checked by `settingsProblems`. */
  readonly settings: AksSettings;
}

/**
 * What a cluster stands on: the resource group with network, keys, logs and identities.
 *
 * ```ts
 * const { place, network, encryption, identities } = new Foundation("kubeflow", { environment: "dev", settings });
 * ```
 */
export class Foundation extends pulumi.ComponentResource {
  readonly group: ResourceGroup;
  readonly place: Place;
  readonly network: Network;
  readonly encryption: Encryption;
  readonly observability: Observability;
  readonly identities: Identities;
  readonly protection: Protection;

  constructor(name: string, { settings, environment }: FoundationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { subscriptionId, tenantId, location, zones, networkRange, logDays } = settings;
    const tags = standardLabels(settings, environment);
    this.protection = protectionOf(settings.protection);
    this.group = new ResourceGroup(name, { location, tags }, { parent: this, ...this.protection.data });
    this.place = { resourceGroupName: this.group.name, location, tags };
    this.network = new Network(name, { ...this.place, networkRange, zones }, { parent: this });
    const networkId = this.network.network.id;
    const common = { ...this.place, subscriptionId, protection: this.protection };
    this.encryption = new Encryption(name, { ...common, tenantId }, { parent: this });
    const flowsOf = settings.flowLogs ? networkId : undefined;
    this.observability = new Observability(
      name,
      { ...common, encryption: this.encryption, logDays, flowsOf },
      { parent: this },
    );
    const reservations = settings.gpuPools.flatMap(({ reservation }) => reservation ?? []);
    this.identities = new Identities(
      name,
      {
        ...this.place,
        ...{ subscriptionId, networkId, vaultId: this.encryption.vault.id, keyId: this.encryption.clusterKey.id },
        reservations: [...new Set(reservations)],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
