/** `kubeflow:edge`: the name, the certificate and the entrance. Pure: `kf` checks a stack's file with it. */
import { z } from "zod";

const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const hostName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${label}(\\.${label})+$`), "a host name such as kubeflow.example.com, in lower case");
const hostPattern = z
  .string()
  .max(253)
  .regex(new RegExp(`^(\\*\\.)?${label}(\\.${label})+$`), "a host name, or a wildcard such as *.models.example.com");
const secretName = z.string().min(1).describe("A name in kubeflow:secrets");
/** What Kubernetes gives to Services by default. */
const nodePort = z.number().int().min(30_000).max(32_767);
const range = z.string().refine((text) => z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success, {
  message: "a range such as 203.0.113.0/24",
});

/** Let's Encrypt's directories: https://letsencrypt.org/docs/acme-protocol-updates and /docs/staging-environment */
export const acmeDirectories = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

const keysOf = {
  "self-signed": [],
  "own-ca": ["caCertificate", "caKey"],
  acme: ["email", "server", "dns01", "secrets"],
} as const;

const issuer = z
  .strictObject({
    kind: z.enum(["self-signed", "own-ca", "acme"]),
    caCertificate: secretName
      .optional()
      .describe("own-ca: certificate of your CA, PEM; cert-manager makes a CA without"),
    caKey: secretName.optional().describe("own-ca: its key, PEM"),
    email: z.email("an e-mail address").optional().describe("acme: where the authority writes to"),
    server: z
      .string()
      .regex(
        /^(production|staging|https:\/\/[^\s]+)$/,
        "production, staging (Let's Encrypt's), or a directory's https:// address",
      )
      .optional()
      .describe("acme: who signs. Default: production"),
    dns01: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("acme: a dns01 solver of cert-manager for a zone of your own. Default: the target's zone"),
    secrets: z
      .record(z.string().min(1), z.record(z.string().min(1), secretName))
      .optional()
      .describe("acme: Secrets that the solver names, by key, each the name of a value in kubeflow:secrets"),
  })
  .superRefine(({ kind, ...rest }, context) => {
    const allowed: readonly string[] = keysOf[kind];
    for (const [key, input] of Object.entries(rest)) {
      if (input === undefined || allowed.includes(key)) continue;
      const message = `nothing with kind ${kind}${allowed.length === 0 ? "" : `, which takes ${allowed.join(", ")}`}`;
      context.addIssue({ code: "custom", path: [key], input, message });
    }
    if (kind === "acme" && rest.email === undefined)
      context.addIssue({
        code: "custom",
        path: ["email"],
        input: undefined,
        message: "an e-mail address, with kind acme",
      });
    if (kind === "own-ca" && (rest.caCertificate === undefined) !== (rest.caKey === undefined))
      for (const key of ["caCertificate", "caKey"] as const)
        if (rest[key] === undefined)
          context.addIssue({
            code: "custom",
            path: [key],
            input: undefined,
            message: "caCertificate and caKey together",
          });
  });

const service = z
  .strictObject({
    type: z
      .enum(["LoadBalancer", "NodePort", "ClusterIP"])
      .optional()
      .describe("Default: what the target has, a load balancer where there is one"),
    annotations: z.record(z.string(), z.string()).optional().describe("Added to the target's own"),
    nodePorts: z.strictObject({ http: nodePort, https: nodePort }).optional().describe("Required with NodePort"),
    allowedRanges: z.array(range).min(1).optional().describe("LoadBalancer: who may connect. Default: everybody"),
  })
  .describe("The Service of the gateway");

export const edgeSettings = z.strictObject({
  domain: hostName.optional().describe("Host name of the dashboard. Default: that of the target's dashboard address"),
  hosts: z
    .array(hostPattern)
    .default([])
    .describe("Further names that the gateway answers to and the certificate holds, for models"),
  issuer,
  certificate: z
    .strictObject({
      days: z
        .number()
        .int()
        .min(2)
        .max(825)
        .default(90)
        .describe("How long one is valid; an ACME authority decides itself"),
      renewBeforeDays: z.number().int().min(1).default(30),
    })
    .refine(({ days, renewBeforeDays }) => renewBeforeDays < days, { message: "renewBeforeDays less than days" })
    .prefault({}),
  minTlsVersion: z.enum(["1.2", "1.3"]).default("1.2"),
  hsts: z
    .strictObject({
      maxAgeDays: z.number().int().min(0).max(730).default(365).describe("0: browsers forget it"),
      includeSubDomains: z.boolean().default(false),
    })
    .prefault({})
    .describe("How long browsers come by HTTPS only, without asking"),
  service: service.prefault({}),
  mtls: z
    .enum(["strict", "permissive"])
    .default("strict")
    .describe("Whether pods of the mesh take plain connections from pods outside it; permissive is upstream's"),
});

export type EdgeSettings = Readonly<z.infer<typeof edgeSettings>>;
