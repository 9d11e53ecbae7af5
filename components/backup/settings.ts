import { z } from "zod";

/** Five fields of digits, `*`, `,`, `-` and `/`: what both Velero's cron and Kubernetes' take. */
const cron = /^[0-9*,/-]+( [0-9*,/-]+){4}$/;

export const backupSettings = z.strictObject({
  schedule: z
    .string()
    .regex(cron, "five fields of digits, *, comma, - and /, such as 0 2 * * *")
    .default("0 2 * * *")
    .describe("when objects and databases are backed up, as cron has it, in UTC"),
  retentionDays: z.int().min(1).max(365).default(14).describe("how long a backup is kept"),
  volumes: z
    .enum(["none", "file-system", "snapshots"])
    .describe(
      "what of volumes is kept, which somebody has to decide: nothing; their files, read on every node by a privileged " +
        "pod; or snapshots by their CSI driver",
    ),
  prefix: z
    .string()
    .regex(/^([\w.=-]+\/)+$/, "folders that each end with /, such as backup/")
    .default("backup/")
    .describe("the part of the target's bucket that is the backup's"),
  exclude: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "a namespace's name"))
    .default([])
    .describe("namespaces that are not backed up, beside those of Kubernetes and of Velero"),
  restoring: z
    .boolean()
    .default(false)
    .describe("while a restore is to run: lets Velero write to the cluster, which otherwise it only reads"),
});

export type BackupSettings = Readonly<z.infer<typeof backupSettings>>;
