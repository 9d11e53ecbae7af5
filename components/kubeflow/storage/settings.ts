import { z } from "zod";

const secretName = z.string().min(1).describe("a name of kubeflow:secrets");

export const storageSettings = z
  .strictObject({
    artifacts: z
      .enum(["in-cluster", "target", "gateway"])
      .default("in-cluster")
      .describe(
        "where pipelines and models put what they make: SeaweedFS in the cluster; the target's object store; or the " +
          "target's object store behind an S3 gateway in the cluster",
      ),
    hmac: z
      .strictObject({ accessKey: secretName, secretKey: secretName })
      .optional()
      .describe("the gateway's HMAC key for a bucket of Google's, which its S3 API takes instead of an identity"),
    database: z
      .enum(["in-cluster", "target"])
      .default("in-cluster")
      .describe("the MySQL of Pipelines and Katib: one in the cluster each, or the target's managed one"),
    katibDatabase: z
      .enum(["in-cluster", "target"])
      .optional()
      .describe("Katib's alone, whose client knows no TLS; as `database` where it is not set"),
    databaseTls: z
      .enum(["off", "encrypt", "verify"])
      .default("encrypt")
      .describe("how clients talk to the target's MySQL: in the clear, encrypted, or after they checked who it is"),
    databaseCa: z
      .string()
      .regex(/^-----BEGIN CERTIFICATE-----/, "is not a certificate in PEM")
      .optional()
      .describe("certificates in PEM that vouch for the target's MySQL, where public ones do not"),
  })
  .superRefine((settings, context) => {
    if (settings.databaseCa !== undefined && settings.databaseTls !== "verify") {
      const message = `is only used with databaseTls: verify, which is ${settings.databaseTls}: set that, or leave this out`;
      context.addIssue({ code: "custom", path: ["databaseCa"], message });
    }
  });

export type StorageSettings = Readonly<z.infer<typeof storageSettings>>;
