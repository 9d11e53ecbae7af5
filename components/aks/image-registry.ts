import { CacheRule } from "@pulumi/azure-native/containerregistry/cacheRule.js";
import { CredentialSet } from "@pulumi/azure-native/containerregistry/credentialSet.js";
import { Registry as ContainerRegistry } from "@pulumi/azure-native/containerregistry/registry.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString.js";
import type { Registry } from "../contracts/registry.ts";
import type { Network } from "./network.ts";
import { mirrored } from "./mirrors.ts";
import { placeOf, type Place } from "./place.ts";
import { PrivateLink } from "./private-link.ts";
import { grantRole } from "./roles.ts";
import type { AksSettings } from "./settings.ts";

const TYPE = "kubeflow:aks:ImageRegistry";

export interface ImageRegistryArgs extends Place {
  readonly subscriptionId: string;
  readonly network: Network;
  /** Object id of who pulls: the kubelets. */
  readonly puller: pulumi.Input<string>;
  readonly settings: Pick<AksSettings, "registryTier" | "pullThrough" | "dockerHub">;
}

/**
 * A registry that the nodes pull from without a password, and which mirrors others.
 *
 * ```ts
 * const registry = new ImageRegistry("images", { ...place, subscriptionId, network, puller, settings });
 * ```
 *
 * The account for `docker.io` is read by the registry itself: `dockerHubReader` has to be let into its vault.
 * Cost: by `registryTier` and what is stored.
 */
export class ImageRegistry extends pulumi.ComponentResource implements Registry {
  readonly url: pulumi.Output<string>;
  readonly pullThrough: Readonly<Record<string, pulumi.Output<string>>>;
  /** Object id of who reads the account for `docker.io`; undefined where there is none. */
  readonly dockerHubReader: pulumi.Output<string> | undefined;
  /** Nodes pull only after it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ImageRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { subscriptionId, resourceGroupName, settings, network } = args;
    const registry = this.createRegistry(name, args);
    const pull = grantRole(
      `${name}-pull`,
      { subscriptionId, role: "acrPull", scope: registry.id, principalId: args.puller },
      { parent: this },
    );
    const account = this.createAccount(name, args, registry);
    this.dockerHubReader =
      account === undefined
        ? undefined
        : pulumi.all([account.identity, account.id]).apply(([identity]) => identity?.principalId ?? "");
    const rules = mirrored(settings).map((host) => {
      const credentials = host === "docker.io" && account !== undefined ? { credentialSetResourceId: account.id } : {};
      return new CacheRule(
        `${name}-${host.replaceAll(".", "-")}`,
        {
          ...{ resourceGroupName, registryName: registry.name, cacheRuleName: host.replaceAll(".", "-") },
          ...{ sourceRepository: `${host}/*`, targetRepository: `${host}/*` },
          ...credentials,
        },
        { parent: this },
      );
    });
    const links =
      settings.registryTier === "Premium"
        ? new PrivateLink(
            `${name}-registry`,
            {
              ...placeOf(args),
              ...{ networkId: network.network.id, subnetId: network.endpoints.id },
              ...{ targetId: registry.id, part: "registry", zoneName: "privatelink.azurecr.io" },
            },
            { parent: this },
          ).ready
        : [];
    this.url = registry.loginServer;
    this.pullThrough = Object.fromEntries(
      mirrored(settings).map((host) => [host, pulumi.interpolate`${registry.loginServer}/${host}`]),
    );
    this.ready = [pull, ...rules, ...links];
    this.registerOutputs({});
  }

  private createRegistry(name: string, args: ImageRegistryArgs): ContainerRegistry {
    const isPremium = args.settings.registryTier === "Premium";
    const suffix = new RandomString(`${name}-registry`, { length: 12, special: false, upper: false }, { parent: this });
    return new ContainerRegistry(
      `${name}-registry`,
      {
        ...placeOf(args),
        // The name is one in the world, and has no dash.
        registryName: pulumi.interpolate`kubeflow${suffix.result}`,
        sku: { name: args.settings.registryTier },
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        ...(isPremium
          ? {
              publicNetworkAccess: "Disabled",
              networkRuleBypassOptions: "AzureServices",
              zoneRedundancy: "Enabled",
              policies: { retentionPolicy: { status: "enabled", days: 30 } },
            }
          : {}),
      },
      { parent: this },
    );
  }

  private createAccount(name: string, args: ImageRegistryArgs, registry: ContainerRegistry): CredentialSet | undefined {
    const { dockerHub } = args.settings;
    if (dockerHub === undefined) return undefined;
    return new CredentialSet(
      `${name}-docker-hub`,
      {
        ...{ resourceGroupName: args.resourceGroupName, registryName: registry.name, credentialSetName: "docker-hub" },
        loginServer: "docker.io",
        identity: { type: "SystemAssigned" },
        authCredentials: [
          {
            name: "Credential1",
            usernameSecretIdentifier: dockerHub.username,
            passwordSecretIdentifier: dockerHub.password,
          },
        ],
      },
      { parent: this },
    );
  }
}
