import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { isWebhookConfiguration } from "../../release/order/webhooks.ts";

/** No object carries this label, so a webhook that selects it is never called. */
const nothing = { matchLabels: { "kubeflow-pulumi.dev/no-webhook-answers-here": "true" } };

/**
 * A webhook configuration as a cluster without running pods can have it: registered, and never called. Every other
 * object is given back as it is.
 */
export function withInertWebhooks(object: KubernetesObject): KubernetesObject {
  const webhooks = object["webhooks"];
  if (!isWebhookConfiguration(object) || !Array.isArray(webhooks)) return object;
  const annotations = { ...object.metadata.annotations, "pulumi.com/skipAwait": "true" };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    webhooks: webhooks.map((webhook: Readonly<Record<string, unknown>>) => ({ ...webhook, objectSelector: nothing })),
  };
}
