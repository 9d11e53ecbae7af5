/** What KServe reads from its ConfigMap: JSON in texts. Pure. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Data } from "./knative.ts";
import type { Serving } from "./serving.ts";

/**
 * The names of KServe 0.15 (release 1.11.0), which 0.16 (26.03) reads as its new Knative and Standard: see
 * `NewDeployConfig` in kserve's pkg/apis/serving/v1beta1/configmap.go.
 */
const deploymentModes = { serverless: "Serverless", raw: "RawDeployment" } as const;

export function kserveConfiguration(configMap: KubernetesObject, { settings, domain, tls }: Serving): Data {
  const data = configMap["data"] as Readonly<Record<string, string>>;
  const { resources } = settings;
  return {
    ...data,
    deploy: changed(data["deploy"], { defaultDeploymentMode: deploymentModes[settings.mode] }),
    ingress: changed(data["ingress"], {
      ingressDomain: domain,
      urlScheme: tls ? "https" : "http",
      ...(tls ? { domainTemplate: "{{ .Name }}--{{ .Namespace }}.{{ .IngressDomain }}" } : {}),
    }),
    ...(resources === undefined
      ? {}
      : {
          inferenceService: changed(data["inferenceService"], {
            resource: {
              cpuRequest: resources.cpu,
              cpuLimit: resources.cpu,
              memoryRequest: resources.memory,
              memoryLimit: resources.memory,
            },
          }),
        }),
  };
}

function changed(json: string | undefined, values: Readonly<Record<string, unknown>>): string {
  const known = JSON.parse(json ?? "{}") as Readonly<Record<string, unknown>>;
  return JSON.stringify({ ...known, ...values }, null, 2);
}
