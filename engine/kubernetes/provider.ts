import type { ClientPool } from "../../kubernetes/pool.ts";
import { UserError } from "../../shared/errors.ts";
import type { ProviderFactory } from "../provider.ts";
import { unwrapSecrets, type PropertyMap } from "../values.ts";
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

/**
 * Makes the provider that a `pulumi:providers:kubernetes` resource describes, from `kubeconfig`, `context` and
 * `namespace`. What only tunes the real provider's client is ignored.
 */
export function kubernetesProviderFactory(options: KubernetesProviderOptions): ProviderFactory {
  return async (config) => {
    const { enableServerSideApply, renderYamlToDirectory, namespace } = config;
    // Values that are not texts reach a provider as JSON.
    if (enableServerSideApply === false || enableServerSideApply === "false" || renderYamlToDirectory !== undefined) {
      throw new UserError(
        "the offline engine's Kubernetes provider applies on the server and writes no files: remove " +
          "enableServerSideApply: false and renderYamlToDirectory, or use the Pulumi CLI",
      );
    }
    return new KubernetesProvider(await keeperFor(config, options), text(namespace) || undefined);
  };
}

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
