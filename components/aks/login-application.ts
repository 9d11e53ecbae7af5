import { AppRoleAssignment } from "@pulumi/azuread/appRoleAssignment.js";
import { Application } from "@pulumi/azuread/application.js";
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword.js";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal.js";
import * as pulumi from "@pulumi/pulumi";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";

const TYPE = "kubeflow:aks:LoginApplication";

/** Microsoft Graph, and what of a user it tells: https://learn.microsoft.com/graph/permissions-reference */
const graph = {
  id: "00000003-0000-0000-c000-000000000000",
  scopes: {
    email: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    openid: "37f7f235-527c-4136-accd-4a02d197296e",
    profile: "14dad69e-099b-42c9-810b-d002981feec1",
  },
};

export interface LoginApplicationArgs {
  readonly displayName: string;
  readonly tenantId: string;
  /** Where the dashboard is: `https://kubeflow.example.com`. */
  readonly dashboardUrl: string;
  /** Groups whose members may log in; everyone in the tenant when empty. */
  readonly groupIds: readonly string[];
  /** Day on which the client secret ends; another day makes a new one. @default - after two years */
  readonly expires: string | undefined;
}

/**
 * The application in Entra that people log in to Kubeflow with.
 *
 * ```ts
 * const oidc = new LoginApplication("login", { displayName, tenantId, dashboardUrl, groupIds: [], expires: "2027-06-30" });
 * ```
 *
 * Who runs it needs the Entra role Application Administrator.
 */
export class LoginApplication extends pulumi.ComponentResource implements IssuerOfLogins {
  readonly issuerUrl: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly clientSecret: pulumi.Output<string>;
  readonly groupsClaim = "groups";
  readonly extraScopes: readonly string[] = [];

  constructor(name: string, args: LoginApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { tenantId, groupIds } = args;
    const application = this.createApplication(name, args);
    const principal = new ServicePrincipal(
      `${name}-login`,
      { clientId: application.clientId, appRoleAssignmentRequired: groupIds.length > 0 },
      { parent: this },
    );
    for (const principalObjectId of groupIds) {
      new AppRoleAssignment(
        `${name}-${principalObjectId}`,
        // The role that every application has.
        { appRoleId: "00000000-0000-0000-0000-000000000000", principalObjectId, resourceObjectId: principal.objectId },
        { parent: this },
      );
    }
    const password = new ApplicationPassword(
      `${name}-login`,
      {
        applicationId: application.id,
        displayName: "Kubeflow",
        ...(args.expires === undefined ? {} : { endDate: `${args.expires}T00:00:00Z` }),
      },
      { parent: this, additionalSecretOutputs: ["value"] },
    );
    this.issuerUrl = pulumi.output(`https://login.microsoftonline.com/${tenantId}/v2.0`);
    this.clientId = application.clientId;
    this.clientSecret = pulumi.secret(password.value);
    this.registerOutputs({});
  }

  private createApplication(name: string, args: LoginApplicationArgs): Application {
    const { displayName, dashboardUrl, groupIds } = args;
    return new Application(
      `${name}-login`,
      {
        displayName,
        signInAudience: "AzureADMyOrg",
        // Another application of that name is not ours to change.
        preventDuplicateNames: true,
        web: {
          homepageUrl: `${dashboardUrl}/`,
          // Of Dex, and of oauth2-proxy where there is no Dex.
          redirectUris: [`${dashboardUrl}/dex/callback`, `${dashboardUrl}/oauth2/callback`],
          implicitGrant: { accessTokenIssuanceEnabled: false, idTokenIssuanceEnabled: false },
        },
        api: { requestedAccessTokenVersion: 2 },
        // Of somebody in more than 200 groups a token names none, so only those that are assigned are named.
        groupMembershipClaims: [groupIds.length > 0 ? "ApplicationGroup" : "SecurityGroup"],
        optionalClaims: { idTokens: [{ name: "email" }, { name: "groups" }] },
        requiredResourceAccesses: [
          {
            resourceAppId: graph.id,
            resourceAccesses: Object.values(graph.scopes).map((id) => ({ id, type: "Scope" })),
          },
        ],
      },
      { parent: this },
    );
  }
}
