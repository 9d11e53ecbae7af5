/** Roles, keys and users. */
import type { SimulationTable } from "../table.ts";
import { accountOf, arn, named, regionOf, tagsAll, text, withName } from "./answers.ts";

export const awsIdentityTable: SimulationTable = {
  "aws:iam/role:Role": withName(
    {
      required: ["assumeRolePolicy"],
      optional: [
        "description",
        "forceDetachPolicies",
        "inlinePolicies",
        "managedPolicyArns",
        "maxSessionDuration",
        "name",
        "namePrefix",
        "path",
        "permissionsBoundary",
        "tags",
      ],
      forceNew: ["name", "namePrefix", "path"],
      autoName: named("name", 64),
    },
    "name",
    (resource, name) => ({ arn: arn(resource, "iam", `role/${name}`), uniqueId: `AROA${resource.token}` }),
  ),
  "aws:iam/rolePolicy:RolePolicy": {
    required: ["policy", "role"],
    optional: ["name", "namePrefix"],
    forceNew: ["name", "namePrefix", "role"],
    autoName: named("name", 128),
    answer: (resource) => {
      const id = `${text(resource.inputs["role"])}:${text(resource.inputs["name"])}`;
      return { id, outputs: { id } };
    },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    required: ["policyArn", "role"],
    optional: [],
    forceNew: ["policyArn", "role"],
    answer: (resource) => {
      const id = `${text(resource.inputs["role"])}/${text(resource.inputs["policyArn"])}`;
      return { id, outputs: { id } };
    },
  },
  "aws:iam/instanceProfile:InstanceProfile": withName(
    {
      required: [],
      optional: ["name", "namePrefix", "path", "role", "tags"],
      forceNew: ["name", "namePrefix", "path"],
      autoName: named("name", 128),
    },
    "name",
    (resource, name) => ({ arn: arn(resource, "iam", `instance-profile/${name}`), uniqueId: `AIPA${resource.token}` }),
  ),
  "aws:kms/key:Key": {
    required: [],
    optional: [
      "bypassPolicyLockoutSafetyCheck",
      "customKeyStoreId",
      "customerMasterKeySpec",
      "deletionWindowInDays",
      "description",
      "enableKeyRotation",
      "isEnabled",
      "keyUsage",
      "multiRegion",
      "policy",
      "region",
      "rotationPeriodInDays",
      "tags",
      "xksKeyId",
    ],
    forceNew: ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId", "region"],
    answer: (resource) => {
      const id = resource.token;
      return { id, outputs: { id, keyId: id, arn: arn(resource, "kms", `key/${id}`), ...tagsAll(resource) } };
    },
  },
  "aws:kms/alias:Alias": withName(
    {
      required: ["targetKeyId"],
      optional: ["name", "namePrefix", "region"],
      forceNew: ["name", "namePrefix", "region"],
      autoName: named("name", 256),
    },
    "name",
    (resource, name) => ({
      arn: arn(resource, "kms", name),
      targetKeyArn: arn(resource, "kms", `key/${text(resource.inputs["targetKeyId"])}`),
    }),
  ),
  "aws:cognito/userPool:UserPool": {
    required: [],
    optional: [
      "accountRecoverySetting",
      "adminCreateUserConfig",
      "aliasAttributes",
      "autoVerifiedAttributes",
      "deletionProtection",
      "deviceConfiguration",
      "emailConfiguration",
      "emailMfaConfiguration",
      "emailVerificationMessage",
      "emailVerificationSubject",
      "lambdaConfig",
      "mfaConfiguration",
      "name",
      "passwordPolicy",
      "region",
      "schemas",
      "signInPolicy",
      "smsAuthenticationMessage",
      "smsConfiguration",
      "smsVerificationMessage",
      "softwareTokenMfaConfiguration",
      "tags",
      "userAttributeUpdateSettings",
      "userPoolAddOns",
      "userPoolTier",
      "usernameAttributes",
      "usernameConfiguration",
      "verificationMessageTemplate",
      "webAuthnConfiguration",
    ],
    forceNew: ["aliasAttributes", "usernameAttributes", "usernameConfiguration", "region"],
    autoName: named("name", 128),
    answer: (resource) => {
      const id = `${regionOf(resource)}_${resource.token}`;
      return {
        id,
        outputs: {
          ...{ id, arn: arn(resource, "cognito-idp", `userpool/${id}`), ...tagsAll(resource) },
          endpoint: `cognito-idp.${regionOf(resource)}.amazonaws.com/${id}`,
        },
      };
    },
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    required: ["userPoolId"],
    optional: [
      "accessTokenValidity",
      "allowedOauthFlows",
      "allowedOauthFlowsUserPoolClient",
      "allowedOauthScopes",
      "analyticsConfiguration",
      "authSessionValidity",
      "callbackUrls",
      "defaultRedirectUri",
      "enablePropagateAdditionalUserContextData",
      "enableTokenRevocation",
      "explicitAuthFlows",
      "generateSecret",
      "idTokenValidity",
      "logoutUrls",
      "name",
      "preventUserExistenceErrors",
      "readAttributes",
      "refreshTokenRotation",
      "refreshTokenValidity",
      "region",
      "supportedIdentityProviders",
      "tokenValidityUnits",
      "writeAttributes",
    ],
    forceNew: ["userPoolId", "generateSecret", "region"],
    autoName: named("name", 128),
    secretOutputs: ["clientSecret"],
    answer: (resource) => {
      const id = resource.token;
      const clientSecret = resource.inputs["generateSecret"] === true ? `sim-client-secret-${resource.token}` : null;
      return { id, outputs: { id, clientSecret } };
    },
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": withName(
    {
      required: ["domain", "userPoolId"],
      optional: ["certificateArn", "managedLoginVersion", "region"],
      forceNew: ["domain", "userPoolId", "region"],
    },
    "domain",
    (resource, name) => ({
      cloudfrontDistribution: `${name}.auth.${regionOf(resource)}.amazoncognito.com`,
      awsAccountId: accountOf(resource),
    }),
  ),
  "aws:cognito/managedLoginBranding:ManagedLoginBranding": {
    required: ["clientId", "userPoolId"],
    optional: ["assets", "region", "settings", "useCognitoProvidedValues"],
    forceNew: ["clientId", "userPoolId", "region"],
    answer: (resource) => {
      const id = `${text(resource.inputs["userPoolId"])},${resource.token}`;
      return { id, outputs: { id, managedLoginBrandingId: resource.token } };
    },
  },
  "aws:cognito/userGroup:UserGroup": {
    required: ["userPoolId"],
    optional: ["description", "name", "precedence", "region", "roleArn"],
    forceNew: ["name", "userPoolId", "region"],
    autoName: named("name", 128),
    answer: (resource) => {
      const id = `${text(resource.inputs["userPoolId"])}/${text(resource.inputs["name"])}`;
      return { id, outputs: { id } };
    },
  },
};
