import { ManagedLoginBranding } from "@pulumi/aws/cognito/managedLoginBranding.js";
import { UserGroup } from "@pulumi/aws/cognito/userGroup.js";
import { UserPool } from "@pulumi/aws/cognito/userPool.js";
import { UserPoolClient } from "@pulumi/aws/cognito/userPoolClient.js";
import { UserPoolDomain } from "@pulumi/aws/cognito/userPoolDomain.js";
import * as pulumi from "@pulumi/pulumi";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import { protectionOf } from "../shared/protection.ts";
import { dnsSuffixOf, type Place } from "./aws-names.ts";
import { dashboardHost } from "./dns.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Logins";

export interface LoginsArgs {
  readonly place: Place;
  readonly settings: Pick<EksSettings, "domain" | "loginGroups" | "requireMfa" | "protection">;
}

/**
 * Users of Kubeflow in Cognito, and the client that Kubeflow logs them in with.
 *
 * ```ts
 * const logins = new Logins("logins", { place, settings }, { parent: this });
 * ```
 *
 * Costs nothing up to 10,000 users a month. Administrators invite users; nobody signs up.
 */
export class Logins extends pulumi.ComponentResource implements IssuerOfLogins {
  readonly issuerUrl: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly clientSecret: pulumi.Output<string>;
  readonly groupsClaim = "cognito:groups";
  readonly extraScopes = [];
  readonly userPoolId: pulumi.Output<string>;

  constructor(name: string, args: LoginsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { place, settings } = args;
    const pool = this.createPool(name, settings);
    const client = this.createClient(name, settings.domain, pool);
    new UserPoolDomain(
      name,
      // One name for all of AWS.
      { domain: `${place.clusterName}-${place.accountId}`, userPoolId: pool.id, managedLoginVersion: 2 },
      { parent: this },
    );
    new ManagedLoginBranding(
      name,
      // Without one, the page that users log in on does not open.
      { userPoolId: pool.id, clientId: client.id, useCognitoProvidedValues: true },
      { parent: this },
    );
    for (const group of settings.loginGroups) {
      new UserGroup(`${name}-${group}`, { name: group, userPoolId: pool.id }, { parent: this });
    }
    this.userPoolId = pool.id;
    this.issuerUrl = pulumi.interpolate`https://cognito-idp.${place.region}.${dnsSuffixOf(place.region)}/${pool.id}`;
    this.clientId = client.id;
    this.clientSecret = pulumi.secret(client.clientSecret);
    this.registerOutputs({});
  }

  private createPool(name: string, settings: LoginsArgs["settings"]): UserPool {
    const protection = protectionOf(settings.protection);
    return new UserPool(
      name,
      {
        userPoolTier: "ESSENTIALS",
        deletionProtection: protection.deletion ? "ACTIVE" : "INACTIVE",
        usernameAttributes: ["email"],
        usernameConfiguration: { caseSensitive: false },
        autoVerifiedAttributes: ["email"],
        adminCreateUserConfig: { allowAdminCreateUserOnly: true },
        mfaConfiguration: settings.requireMfa ? "ON" : "OPTIONAL",
        softwareTokenMfaConfiguration: { enabled: true },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        passwordPolicy: {
          minimumLength: 14,
          ...{ requireLowercase: true, requireUppercase: true, requireNumbers: true, requireSymbols: false },
          temporaryPasswordValidityDays: 7,
        },
      },
      { parent: this, ...protection.data },
    );
  }

  private createClient(name: string, domain: string, pool: UserPool): UserPoolClient {
    const home = `https://${dashboardHost(domain)}`;
    return new UserPoolClient(
      name,
      {
        userPoolId: pool.id,
        generateSecret: true,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email", "profile"],
        supportedIdentityProviders: ["COGNITO"],
        // Dex, or oauth2-proxy by itself.
        callbackUrls: [`${home}/dex/callback`, `${home}/oauth2/callback`],
        logoutUrls: [`${home}/`],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
      },
      { parent: this, additionalSecretOutputs: ["clientSecret"] },
    );
  }
}
