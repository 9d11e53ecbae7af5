/**
 * Kubeflow as somebody would write it who knows Pulumi and not this project: every object one resource, as upstream
 * ships it, CRDs with all of their texts, in no order but namespaces and CRDs first. Only the webhooks match nothing,
 * since no container runs in a sandbox.
 */
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { withInertWebhooks } from "../../components/kubeflow/inert-webhooks.ts";
import { typeToken, type KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { bareRelease, loadRelease } from "../../stacks/release.ts";

const release = await loadRelease(bareRelease("26.03", "full"));
const provider = new Provider("cluster", { kubeconfig: new pulumi.Config().requireSecret("kubeconfig") });

class Resource extends pulumi.CustomResource {}

function register(object: KubernetesObject, dependsOn: pulumi.Resource[]): pulumi.Resource {
  const { namespace, name } = object.metadata;
  const logicalName = namespace === undefined ? name : `${namespace}/${name}`;
  return new Resource(typeToken(object), logicalName, { ...object }, { provider, dependsOn });
}

const namespaces = release.objects.filter(({ kind }) => kind === "Namespace").map((object) => register(object, []));
const crds = (await Promise.all(release.crds.map(readCrd))).map((crd) => register(crd, []));
for (const object of release.objects.filter(({ kind }) => kind !== "Namespace")) {
  register(withInertWebhooks(object), [...namespaces, ...crds]);
}
