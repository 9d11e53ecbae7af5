import { PullThroughCacheRule } from "@pulumi/aws/ecr/pullThroughCacheRule.js";
import { RepositoryCreationTemplate } from "@pulumi/aws/ecr/repositoryCreationTemplate.js";
import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../contracts/registry.ts";
import { registryHost, type Place } from "./aws-names.ts";
import { credentialOf, mirrors, unmirroredReason } from "./mirrors.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:ImageRegistry";

export interface ImageRegistryArgs {
  readonly place: Place;
  readonly upstreams: EksSettings["pullThrough"];
  readonly credentials: EksSettings["pullThroughCredentials"];
}

/**
 * The account's registry, in the part that the cluster's nodes use: images of your own, whose repositories are made by
 * the first push, and mirrors of public registries, whose repositories are made by the first pull.
 *
 * ```ts
 * const registry = new ImageRegistry("images", { place, upstreams: ["quay.io"], credentials: {} });
 * ```
 *
 * Costs 0.1 USD per GB and month. Repositories are made by ECR, so a destroy leaves them.
 */
export class ImageRegistry extends pulumi.ComponentResource implements Registry {
  readonly url: pulumi.Output<string>;
  readonly pullThrough: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ImageRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { place, upstreams, credentials } = args;
    const host = registryHost(place);
    new RepositoryCreationTemplate(
      name,
      {
        prefix: place.clusterName,
        description: "Images of the cluster's users",
        appliedFors: ["CREATE_ON_PUSH"],
        // A tag that has been run is the same for ever.
        imageTagMutability: "IMMUTABLE",
        encryptionConfigurations: [{ encryptionType: "AES256" }],
        lifecyclePolicy: JSON.stringify({ rules: [untaggedExpire] }),
      },
      { parent: this },
    );
    this.url = pulumi.output(`${host}/${place.clusterName}`);
    this.pullThrough = Object.fromEntries(
      upstreams.flatMap((upstream) => {
        const mirror = mirrors[upstream];
        if (mirror === undefined || unmirroredReason(upstream, credentials) !== undefined) return [];
        const credentialArn = credentialOf(upstream, credentials);
        const rule = new PullThroughCacheRule(
          `${name}-${mirror.folder}`,
          {
            // Under the name of the cluster, which nodes may make repositories under.
            ecrRepositoryPrefix: `${place.clusterName}/${mirror.folder}`,
            upstreamRegistryUrl: mirror.host,
            ...(credentialArn === undefined ? {} : { credentialArn }),
          },
          { parent: this },
        );
        return [[upstream, pulumi.interpolate`${host}/${rule.ecrRepositoryPrefix}`] as const];
      }),
    );
    this.registerOutputs({});
  }
}

const untaggedExpire = {
  rulePriority: 1,
  description: "Images that no tag names any more",
  selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
  action: { type: "expire" },
};
