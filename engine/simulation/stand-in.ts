/** The Kubernetes API of a simulated cluster: another cluster, which stands in for it. */
import { text } from "../kubernetes/objects.ts";
import { wrapped, type ProviderFactory } from "../provider.ts";
import { Secret, unwrapSecrets, type PropertyMap } from "../values.ts";

/**
 * The provider with the stand-in's kubeconfig in place of the one that the program made, which has to be one, but leads
 * to a cluster that does not exist. State keeps the program's own.
 *
 * @param standIn contents of a kubeconfig; undefined while there is no such cluster, which a plan needs none of.
 */
export function withStandIn(factory: ProviderFactory, standIn: () => Promise<string | undefined>): ProviderFactory {
  return wrapped(factory, async (config) => {
    const { kubeconfig, context } = unwrapSecrets(config) as PropertyMap;
    const { loadKubeConfig } = await import("../../kubernetes/credentials.ts");
    loadKubeConfig({ kubeconfig: text(kubeconfig), ...(text(context) === "" ? {} : { context: text(context) }) });
    const other = await standIn();
    if (other === undefined) return factory(config);
    const rest = Object.entries(config).filter(([key]) => key !== "context");
    return factory({ ...Object.fromEntries(rest), kubeconfig: new Secret(other) });
  });
}
