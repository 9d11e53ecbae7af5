import { Repository, type RepositoryArgs } from "@pulumi/gcp/artifactregistry/repository.js";
import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember.js";
import type { artifactregistry } from "@pulumi/gcp/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../contracts/registry.ts";
import type { Protection } from "../shared/protection.ts";
import type { EncryptionKey } from "./encryption.ts";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeRegistry";

export interface GkeRegistryArgs {
  readonly settings: Pick<GkeSettings, "clusterName" | "project" | "region" | "pullThrough">;
  readonly key: EncryptionKey;
  /** `serviceAccount:EMAIL` of the nodes. */
  readonly reader: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
}

/**
 * A repository for our own images, and one for each registry that is mirrored: what a node has pulled once comes from
 * near by, and is there when the registry is not.
 */
export class GkeRegistry extends pulumi.ComponentResource implements Registry {
  readonly url: pulumi.Output<string>;
  readonly pullThrough: Readonly<Record<string, pulumi.Output<string>>>;
  /** Nodes cannot pull without. */
  readonly readers: readonly pulumi.Resource[];

  constructor(name: string, args: GkeRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings } = args;
    const own = this.createRepository(
      name,
      args,
      {
        repositoryId: settings.clusterName,
        description: "Images of our own",
        dockerConfig: { immutableTags: true },
        vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
      },
      args.protection.data,
    );
    const mirrors = settings.pullThrough.map((host) => {
      const id = host.replaceAll(".", "-");
      const mirror = this.createRepository(`${name}-${id}`, args, {
        repositoryId: `${settings.clusterName}-${id}`,
        description: `Mirror of ${host}`,
        mode: "REMOTE_REPOSITORY",
        remoteRepositoryConfig: { description: host, ...upstream(host) },
      });
      return { host, ...mirror };
    });
    this.url = own.url;
    this.pullThrough = Object.fromEntries(mirrors.map(({ host, url }) => [host, url]));
    this.readers = [own, ...mirrors].map(({ reader }) => reader);
    this.registerOutputs({});
  }

  private createRepository(
    name: string,
    { settings, key, reader, labels }: GkeRegistryArgs,
    args: Omit<RepositoryArgs, "format">,
    protection: Protection["data"] = {},
  ): { readonly url: pulumi.Output<string>; readonly reader: pulumi.Resource } {
    const { region: location, project } = settings;
    const repository = new Repository(
      name,
      { ...args, format: "DOCKER", location, kmsKeyName: key.id, labels },
      // The grant: the registry is refused while it may not use the key.
      { parent: this, dependsOn: [...key.usable], ...protection },
    );
    return {
      url: pulumi.interpolate`${location}-docker.pkg.dev/${project}/${repository.repositoryId}`,
      reader: new RepositoryIamMember(
        `${name}-reader`,
        { repository: repository.name, location, role: "roles/artifactregistry.reader", member: reader },
        { parent: this },
      ),
    };
  }
}

function upstream(host: string): artifactregistry.RepositoryRemoteRepositoryConfig {
  if (host === "docker.io") return { dockerRepository: { publicRepository: "DOCKER_HUB" } };
  return { dockerRepository: { customRepository: { uri: `https://${host}` } } };
}
