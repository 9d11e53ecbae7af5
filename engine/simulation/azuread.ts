/**
 * Entra as far as an AKS target uses it. Inputs are those of @pulumi/azuread 6.9; what cannot be changed in place is from its
 * documentation.
 */
import { guidOf, names } from "./azure/answers.ts";
import type { SimulationTable } from "./table.ts";

export const azureadTable: SimulationTable = {
  "azuread:index/application:Application": {
    required: names("displayName"),
    optional: names(`
      api appRoles description deviceOnlyAuthEnabled fallbackPublicClientEnabled featureTags
      groupMembershipClaims identifierUris logoImage marketingUrl notes oauth2PostResponseRequired
      optionalClaims owners password preventDuplicateNames privacyStatementUrl publicClient
      requiredResourceAccesses serviceManagementReference signInAudience singlePageApplication supportUrl
      tags templateId termsOfServiceUrl web
    `),
    forceNew: names("templateId"),
    answer: ({ token }) => ({
      id: `/applications/${token}`,
      outputs: {
        clientId: guidOf(`${token} client`),
        objectId: guidOf(token),
        publisherDomain: "example.onmicrosoft.com",
      },
    }),
  },
  "azuread:index/applicationPassword:ApplicationPassword": {
    required: names("applicationId"),
    optional: names("displayName endDate endDateRelative rotateWhenChanged startDate"),
    forceNew: names("applicationId displayName endDate endDateRelative rotateWhenChanged startDate"),
    secretOutputs: ["value"],
    answer: ({ token }) => ({
      id: `${token}/password`,
      outputs: { keyId: guidOf(token), value: `simulated-${token}` },
    }),
  },
  "azuread:index/servicePrincipal:ServicePrincipal": {
    required: names("clientId"),
    optional: names(`
      accountEnabled alternativeNames appRoleAssignmentRequired description featureTags features loginUrl
      notes notificationEmailAddresses owners preferredSingleSignOnMode samlSingleSignOn tags useExisting
    `),
    forceNew: names("clientId useExisting"),
    answer: ({ token }) => ({ id: `/servicePrincipals/${token}`, outputs: { objectId: guidOf(token) } }),
  },
  "azuread:index/appRoleAssignment:AppRoleAssignment": {
    required: names("appRoleId principalObjectId resourceObjectId"),
    optional: [],
    forceNew: names("appRoleId principalObjectId resourceObjectId"),
    answer: ({ token }) => ({ id: `/servicePrincipals/appRoleAssignedTo/${token}`, outputs: {} }),
  },
};
