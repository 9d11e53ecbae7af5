import { z } from "zod";

const quantity = (what: string, pattern: RegExp) => z.string().regex(pattern, `a quantity of ${what}`);

const scaleToZero = z.strictObject({
  enabled: z.boolean().default(true).describe("Off: the last replica of every model stays"),
  gracePeriodSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .describe("The longest that an idle replica is kept while the network is told, in seconds"),
  retentionSeconds: z
    .int()
    .min(0)
    .max(24 * 3600)
    .default(0)
    .describe("The shortest that the last replica stays after the last request, in seconds: for models slow to load"),
  initialReplicas: z.int().min(0).max(10).default(1).describe("Replicas of a new revision, before any request"),
});

export const servingSettings = z.strictObject({
  mode: z
    .enum(["serverless", "raw"])
    .default("serverless")
    .describe("serverless: Knative, which scales to zero and splits traffic; raw: plain Deployments with an HPA"),
  domain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, "a domain name in lower case")
    .optional()
    .describe(
      "Models are reached at names below it; that of the first wildcard in kubeflow:edge.hosts when not set, else upstream's example.com",
    ),
  tls: z
    .boolean()
    .optional()
    .describe("The gateway ends TLS for the models' names; on when kubeflow:edge.hosts has the wildcard of the domain"),
  scaleToZero: scaleToZero.optional().describe("Knative's; with mode serverless"),
  resources: z
    .strictObject({
      cpu: quantity("CPU such as 500m or 2", /^\d+m?$/).default("1"),
      memory: quantity("memory such as 512Mi or 2Gi", /^\d+(Mi|Gi)$/).default("2Gi"),
    })
    .optional()
    .describe("Request and limit of a model server that names none; 1 CPU and 2Gi when not set"),
  concurrency: z
    .strictObject({
      perReplica: z
        .int()
        .min(1)
        .max(1000)
        .describe("Requests that a replica, and so its GPU, works on at once; the rest wait in its queue"),
      max: z.int().min(2).max(100_000).default(1000).describe("The most that a model may set for itself"),
    })
    .optional()
    .describe("For models that set no containerConcurrency; with mode serverless, and without it no limit"),
  maxReplicas: z
    .strictObject({
      default: z.int().min(1).max(1000).describe("Of a model that sets none"),
      limit: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe("The most that a model may set for itself; none when not set"),
    })
    .optional()
    .describe("What keeps a busy model from taking every GPU; with mode serverless"),
});

export type ServingSettings = Readonly<z.infer<typeof servingSettings>>;

/** Knative's is KServe's own default. */
export function servesWithKnative(settings: ServingSettings | undefined): boolean {
  return (settings?.mode ?? "serverless") === "serverless";
}
