import type { ClientPool } from "../../kubernetes/pool.ts";
import { UserError } from "../../shared/errors.ts";
import type { Provider, ProviderFactory } from "../provider.ts";
import { unwrapSecrets, type PropertyMap, type Value } from "../values.ts";
import { diffCluster } from "./cluster-change.ts";
import { ObjectKeeper } from "./keeper.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";
import { text } from "./objects.ts";

export interface KubernetesProviderOptions {
  /**
   * The name under which our fields are recorded in every object, one per stack (`pulumi-kubeflow-local-dev`): an
   * object whose `managedFields` name it is ours.
   */
  readonly fieldManager: string;
  /** Closed by whoever made it: closing one provider leaves the others their connections. */
  readonly clients: ClientPool;
  /** Take over objects that exist and are not ours, instead of refusing to touch them. @default false */
  readonly adopt?: boolean;
  /** Told what is waited for, what somebody else changed, and what was left alone and why. */
  readonly progress?: (message: string) => void;
}

/** Inputs of the real provider that are followed here, or that only tune its client and what it warns of. */
const known = new Set(
  (
    "kubeconfig context namespace clusterIdentifier enableServerSideApply enableConfigMapMutable enableSecretMutable " +
    "kubeClientSettings suppressDeprecationWarnings suppressHelmHookWarnings version"
  ).split(" "),
);

/**
 * Makes the provider that a `pulumi:providers:kubernetes` resource describes, from `kubeconfig`, `context` and
 * `namespace`.
 *
 * @throws UserError for an input that is not followed here.
 */
export function kubernetesProviderFactory(options: KubernetesProviderOptions): ProviderFactory {
  const configure = async (config: PropertyMap): Promise<Provider> => {
    const { enableServerSideApply, namespace } = config;
    const refused = Object.keys(config).filter((key) => !known.has(key));
    // Values that are not texts reach a provider as JSON.
    if (enableServerSideApply === false || enableServerSideApply === "false")
      refused.push("enableServerSideApply: false");
    if (refused.length > 0) {
      throw new UserError(
        `the offline engine's Kubernetes provider does not follow ${refused.join(", ")}: remove it, or use the Pulumi CLI ` +
          "(kf preview STACK --engine pulumi)",
      );
    }
    const mutability = {
      enableConfigMapMutable: isSet(config["enableConfigMapMutable"]),
      enableSecretMutable: isSet(config["enableSecretMutable"]),
    };
    return new KubernetesProvider(await keeperFor(config, options), text(namespace) || undefined, mutability);
  };
  return Object.assign(configure, { diffConfig: diffCluster });
}

const isSet = (value: Value | undefined): boolean => value === true || value === "true";

/** For the cluster that a provider's configuration names. */
export async function keeperFor(config: PropertyMap, options: KubernetesProviderOptions): Promise<ObjectKeeper> {
  const { kubeconfig, context } = unwrapSecrets(config) as PropertyMap;
  if (text(kubeconfig) === "") {
    throw new UserError(
      "the provider has no kubeconfig, and no cluster is changed that is not named: give it one, or set " +
        "kubernetes:kubeconfig",
    );
  }
  const where = { kubeconfig: text(kubeconfig), ...(text(context) === "" ? {} : { context: text(context) }) };
  return new ObjectKeeper(await options.clients.get(where), options);
}
