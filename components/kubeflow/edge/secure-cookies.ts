/** What follows from TLS for those behind it: cookies that travel by HTTPS only, and links of the one host. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { referencesOf } from "../../../release/order/references.ts";
import { withPods } from "./entrance.ts";

/** Their names end with a digest of what upstream had in them. */
const settings: readonly {
  readonly name: RegExp;
  readonly data: (domain: string) => Readonly<Record<string, string>>;
}[] = [
  // The issuer's certificate is checked, whoever that is: Dex is spoken to in plain text within the cluster.
  {
    name: /^oauth2-proxy-parameters(-|$)/,
    data: () => ({ FORCE_HTTPS: "true", ALLOW_SELF_SIGNED_ISSUER: "false" }),
  },
  // The other web apps have it from upstream, which is why they fail over plain HTTP.
  { name: /^kserve-models-web-app-config$/, data: () => ({ APP_SECURE_COOKIES: "true" }) },
  // Notebooks and TensorBoards get a VirtualService each.
  { name: /^(notebook|tensorboard)-controller-config(-|$)/, data: (domain) => ({ ISTIO_HOST: domain }) },
];

/** Marks the pods that read what has changed: they read it once, when they start. */
const mark = "kubeflow-pulumi/entrance";

export function withSecureCookies(object: KubernetesObject, domain: string): KubernetesObject {
  if (object.kind === "ConfigMap") {
    const found = settings.find(({ name }) => name.test(object.metadata.name));
    return found === undefined ? object : { ...object, data: { ...(object["data"] as object), ...found.data(domain) } };
  }
  if (object.kind !== "Deployment") return object;
  const reads = referencesOf(object).filter(({ kind }) => kind === "ConfigMap");
  return reads.some((read) => settings.some(({ name }) => name.test(read.name)))
    ? withPods(object, { annotations: { [mark]: domain } })
    : object;
}
