/** Settings with every connector, and every option of each. */

const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

const ldap = {
  host: "ldap.example.com",
  startTLS: true,
  rootCA: pem,
  bindDN: "cn=kubeflow,dc=example,dc=com",
  bindPassword: "ldap-bind",
  usernamePrompt: "Work account",
  userSearch: {
    ...{ baseDN: "ou=people,dc=example,dc=com", filter: "(objectClass=person)", username: "sAMAccountName" },
    ...{ scope: "sub", idAttr: "DN", emailAttr: "mail", nameAttr: "cn", preferredUsernameAttr: "uid" },
  },
  groupSearch: {
    ...{ baseDN: "ou=groups,dc=example,dc=com", filter: "(objectClass=group)", scope: "one", nameAttr: "cn" },
    userMatchers: [
      { userAttr: "DN", groupAttr: "member", recursionGroupAttr: "member" },
      { userAttr: "uid", groupAttr: "memberUid" },
    ],
  },
};

const client = { clientId: "kubeflow", clientSecret: "oauth" };

export const everyConnector = {
  url: "https://kubeflow.example.com",
  issuer: "target",
  users: [{ email: "a@example.com", username: "a" }],
  connectors: {
    ldap: [ldap, { ...ldap, id: "second", host: "other.example.com:1636", startTLS: false }],
    google: [
      {
        ...client,
        ...{ hostedDomains: ["example.com"], groups: ["ml@example.com"] },
        serviceAccount: {
          ...{ key: "google-key", fetchTransitiveGroupMembership: true },
          domainToAdminEmail: { "*": "admin@example.com" },
        },
      },
    ],
    microsoft: [
      {
        ...client,
        ...{ tenant: "example.com", groups: ["ml"], onlySecurityGroups: true, groupNameFormat: "id" },
        ...{ useGroupsAsWhitelist: true, emailToLowercase: true, domainHint: "example.com" },
      },
    ],
    github: [
      {
        ...client,
        ...{ orgs: [{ name: "example", teams: ["ml"] }, { name: "all" }], hostName: "github.example.com" },
        ...{ teamNameField: "both", useLoginAsID: true, preferredEmailDomain: "example.com" },
      },
    ],
    oidc: [
      {
        ...client,
        ...{ issuer: "https://sso.example.com/realms/ml", scopes: ["profile", "email", "groups"], rootCA: pem },
        ...{ allowedGroups: ["ml"], emailClaim: "upn", groupsClaim: "roles", preferredUsernameClaim: "nick" },
        ...{ userIDClaim: "oid", userNameClaim: "cn", getUserInfo: true, skipEmailVerified: true },
        ...{ basicAuthUnsupported: true, promptType: "login" },
      },
    ],
    saml: [
      {
        ...{ ssoURL: "https://sso.example.com/saml", ca: pem, entityIssuer: "kubeflow", ssoIssuer: "sso" },
        ...{ usernameAttr: "name", emailAttr: "email", groupsAttr: "groups", groupsDelim: ",", allowedGroups: ["ml"] },
        nameIDPolicyFormat: "emailAddress",
      },
    ],
  },
};

/** Values that would be found anywhere. */
export const everySecret = {
  "ldap-bind": "s3cret-of-ldap",
  oauth: "s3cret-of-oauth",
  "google-key": '{"private_key":"s3cret-of-google"}',
};
