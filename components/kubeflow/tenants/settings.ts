/** `kubeflow:tenants`: the profiles of a stack. Pure: `kf` checks a stack's file with it. */
import { z } from "zod";
import { bindingName, type Contributor } from "./binding-name.ts";

/** Roles as the dashboard and KFAM call them; each is the ClusterRole `kubeflow-<role>` in the tenant's namespace. */
const tenantRoles = ["admin", "edit", "view"] as const;
export type TenantRole = (typeof tenantRoles)[number];

/** Levels of Kubernetes' Pod Security admission. */
const podSecurityLevels = ["privileged", "baseline", "restricted"] as const;

/** What a container asks for that asks for nothing, where a quota of the tenant would refuse it otherwise. */
export const requestsUnderQuota = { requestCpu: 0.1, requestMemoryMiB: 256 } as const;

const email = z
  .string()
  .max(200, "an e-mail address of at most 200 characters")
  .regex(
    /^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
    "an e-mail address, as the token's `email` claim has it",
  );
const role = z.enum(tenantRoles);
const cpu = z.number("a number of CPUs such as 16 or 0.5, without a unit").positive().max(100_000);
const memoryMiB = z.int("a whole number of MiB, without a unit").min(1).max(100_000_000);
const count = z.int("a whole number").min(0).max(1_000_000);
const gib = z.int("a whole number of GiB, without a unit").min(0).max(10_000_000);
const cidr = z
  .string()
  .refine(
    (text) => z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success,
    "a range of addresses such as 10.20.0.0/16",
  );
const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "1 to 63 of a-z, 0-9 and -, a letter or digit at both ends");

const quota = z
  .strictObject({
    cpu: cpu.optional().describe("CPUs that all pods together may request"),
    memoryGiB: gib.optional().describe("Memory that all pods together may request"),
    storageGiB: gib.optional().describe("All volume claims together"),
    pvcs: count.optional().describe("Number of volume claims"),
    gpus: count.optional().describe("GPUs that all pods together may request, of every kind that the target has"),
  })
  .describe("Upper bounds of the whole tenant; what is not named is not bounded");

const containerDefaults = z
  .strictObject({
    requestCpu: cpu.optional(),
    requestMemoryMiB: memoryMiB.optional(),
    limitCpu: cpu.optional(),
    limitMemoryMiB: memoryMiB.optional(),
  })
  .describe("Requests and limits of containers that name none (a LimitRange)");

const network = z.strictObject({
  isolated: z
    .boolean()
    .optional()
    .describe("Default-deny: pods are reached from their own namespace and Kubeflow's only. Default: true"),
  from: z.array(dnsLabel).optional().describe("Further namespaces that may reach the tenant's pods: monitoring"),
  egress: z
    .enum(["open", "restricted"])
    .optional()
    .describe("`restricted`: to the own namespace, Kubeflow's, DNS, `apiServer` and `to` alone. Default: open"),
  apiServer: z.array(cidr).optional().describe("Addresses of the Kubernetes API behind its Service; for `restricted`"),
  to: z
    .array(z.strictObject({ cidr, ports: z.array(z.int().min(1).max(65_535)).min(1).optional() }))
    .optional()
    .describe("What else pods may reach over TCP; every port when none is named; for `restricted`"),
});

const podDefaults = z.strictObject({
  pipelines: z
    .boolean()
    .optional()
    .describe("`access-ml-pipeline`: a token for the Pipelines API. Default: true where Pipelines is installed"),
  gpu: z
    .boolean()
    .optional()
    .describe("`gpu`: tolerates the taints of GPU nodes. Default: true where the target has GPU pools"),
});

const kerberos = z.strictObject({
  keytab: z.string().min(1).describe("Name in `kubeflow:secrets` of the keytab, base64"),
  principal: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, "a principal such as team-a@EXAMPLE.COM")
    .describe("Whom the keytab logs in"),
  krb5Conf: z.string().min(1).describe("Contents of /etc/krb5.conf"),
  everywhere: z
    .boolean()
    .default(false)
    .describe("In every pod of the tenant, steps of pipelines too; otherwise in those with the label `kerberos: true`"),
});

/** What `defaults` says for all tenants and a profile for itself. */
const perTenant = z.strictObject({
  quota: quota.optional(),
  containerDefaults: containerDefaults.optional(),
  podSecurity: z
    .enum(podSecurityLevels)
    .optional()
    .describe("Level that the namespace enforces; the release's own (26.03: baseline) when not set"),
  network: network.optional(),
  podDefaults: podDefaults.optional(),
  kerberos: kerberos.optional(),
});

const profile = z.strictObject({
  name: dnsLabel.describe("Name of the profile and of its namespace"),
  owner: email.describe("Its administrator"),
  members: z
    .array(z.strictObject({ user: email, role }))
    .default([])
    .describe("Further people"),
  groups: z
    .array(z.strictObject({ group: z.string().min(1).max(200), role }))
    .default([])
    .describe("Groups of the issuer, as the token's groups claim has them"),
  bucketPrefix: z
    .string()
    .regex(/^([\w.=-]+\/)+$/, "folders that each end with /, such as artifacts/team-a/")
    .optional()
    .describe("The one part of the bucket that the tenant's pods may use. Default: artifacts/<name>/"),
  deleteData: z
    .boolean()
    .default(false)
    .describe("Whether the namespace, with the volumes in it, goes when the profile is taken out of the list"),
  ...perTenant.shape,
});

const profiles = z.array(profile).superRefine((list, context) => {
  const refuse = (path: readonly PropertyKey[], input: unknown, message: string): void =>
    context.addIssue({ code: "custom", path: [...path], input, message });
  list.forEach((each, index) => {
    const before = list.slice(0, index);
    if (before.some(({ name }) => name === each.name)) refuse([index, "name"], each.name, "a name that no other has");
    const overlapping = before.find((other) => overlaps(bucketPrefixOf(other), bucketPrefixOf(each)));
    if (overlapping !== undefined && overlapping.name !== each.name) {
      const theirs = `${bucketPrefixOf(overlapping)} is of ${overlapping.name}`;
      refuse([index, "bucketPrefix"], bucketPrefixOf(each), `a prefix that is within no other tenant's (${theirs})`);
    }
    for (const key of ["members", "groups"] as const) {
      const contributors = contributorsOf(each).filter(({ kind }) => (kind === "User") === (key === "members"));
      contributors.forEach((contributor, place) => {
        const others = contributors.slice(0, place);
        const twin = others.find(({ name }) => name === contributor.name);
        const namesake = others.find((other) => bindingName(other) === bindingName(contributor));
        if (twin !== undefined) refuse([index, key, place], contributor.name, "each of them once, with one role");
        else if (namesake !== undefined) {
          const why = `their bindings would have one name (${bindingName(contributor)})`;
          refuse([index, key, place], contributor.name, `not beside ${namesake.name} in one role: ${why}`);
        }
      });
    }
  });
});

export const tenantsSettings = z.strictObject({
  admins: z
    .array(email)
    .max(1, "one address: the access management of 26.03 (kfam v1.10.0) knows one")
    .default([])
    .describe("Who sees every profile in the dashboard and manages its contributors"),
  registrationFlow: z
    .boolean()
    .default(false)
    .describe("Whether a person without a profile may make one at the first visit of the dashboard"),
  culling: z
    .strictObject({
      idleMinutes: z.int().min(1).default(1440).describe("Notebooks are stopped after this long without work"),
      checkMinutes: z.int().min(1).default(1).describe("How often they are looked at"),
    })
    .optional()
    .describe("Stops idle notebooks, of all tenants; their volumes stay. Not set: they run on"),
  defaults: perTenant.default({}).describe("For every profile that does not say otherwise"),
  profiles: profiles.default([]),
});

export type TenantsSettings = Readonly<z.infer<typeof tenantsSettings>>;
type PerTenant = z.infer<typeof perTenant>;
export type TenantSettings = Readonly<z.infer<typeof profile>>;

export function contributorsOf({
  members,
  groups,
}: Pick<TenantSettings, "members" | "groups">): readonly Contributor[] {
  return [
    ...members.map(({ user, role: of }) => ({ kind: "User" as const, name: user, role: of })),
    ...groups.map(({ group, role: of }) => ({ kind: "Group" as const, name: group, role: of })),
  ];
}

/** Ends with `/`. */
export function bucketPrefixOf({ name, bucketPrefix }: Pick<TenantSettings, "name" | "bucketPrefix">): string {
  return bucketPrefix ?? `artifacts/${name}/`;
}

/** A profile with what the defaults say of it: quota, container defaults, network and PodDefaults key by key. */
export function withDefaults(own: TenantSettings, defaults: PerTenant): TenantSettings {
  return {
    ...defaults,
    ...own,
    quota: { ...defaults.quota, ...own.quota },
    containerDefaults: { ...defaults.containerDefaults, ...own.containerDefaults },
    network: { ...defaults.network, ...own.network },
    podDefaults: { ...defaults.podDefaults, ...own.podDefaults },
  };
}

function overlaps(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
