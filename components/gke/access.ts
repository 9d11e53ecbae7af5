import { WebIamMember } from "@pulumi/gcp/iap/webIamMember.js";
import { IAMAuditConfig } from "@pulumi/gcp/projects/iamauditConfig.js";
import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import * as pulumi from "@pulumi/pulumi";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeAccess";

export interface GkeAccessArgs {
  readonly settings: Pick<GkeSettings, "project" | "admins" | "viewers" | "auditLogs" | "iapMembers">;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Who may use the clusters of the project, by IAM, which the control plane's DNS name asks; RBAC adds to it inside. And
 * what of their use is logged.
 */
export class GkeAccess extends pulumi.ComponentResource {
  /** A deployer among the admins cannot make anything in the cluster without. */
  readonly granted: readonly pulumi.Resource[];

  constructor(name: string, args: GkeAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings } = args;
    const { project } = settings;
    const options = { parent: this, dependsOn: [...args.dependsOn] };
    const grant = (kind: string, role: string, members: readonly string[]): readonly pulumi.Resource[] =>
      members.map((member) => new IAMMember(`${name}-${kind}-${idOf(member)}`, { project, role, member }, options));
    this.granted = [
      ...grant("admin", "roles/container.admin", settings.admins),
      ...grant("viewer", "roles/container.viewer", settings.viewers),
    ];
    for (const member of settings.iapMembers) {
      const role = "roles/iap.httpsResourceAccessor";
      new WebIamMember(`${name}-iap-${idOf(member)}`, { project, role, member }, options);
    }
    if (settings.auditLogs) {
      new IAMAuditConfig(
        `${name}-audit`,
        {
          project,
          service: "container.googleapis.com",
          auditLogConfigs: [{ logType: "ADMIN_READ" }, { logType: "DATA_WRITE" }],
        },
        options,
      );
    }
    this.registerOutputs({});
  }
}

/** `group:admins@example.com` as a part of a logical name. */
function idOf(member: string): string {
  return member.replace(/[^a-zA-Z0-9]+/g, "-");
}
