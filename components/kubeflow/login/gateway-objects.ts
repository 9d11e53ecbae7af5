/** What Istio's gateway checks of a request's token. Pure, but that an issuer may be known to the apply only. */
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { LoginSettings } from "./settings.ts";

/** Kubeflow's names of who is there; the web apps and the tenants' policies read them. */
const userHeaders = { user: "kubeflow-userid", groups: "kubeflow-groups" } as const;
const selector = { matchLabels: { app: "istio-ingressgateway" } };

type Text = pulumi.Input<string>;

/** One issuer whose tokens the gateway takes, by Istio's words. */
export interface TokenRule {
  readonly issuer: Text;
  /** Who the token was made for: without one, whoever gets any client of a public issuer would be let in. */
  readonly audiences: readonly Text[];
  readonly userClaim: string;
  readonly groupsClaim: string;
  /** Where Istio cannot find the keys by the issuer's discovery. */
  readonly jwksUri?: string;
  readonly jwks?: string;
  /** @default - `Authorization: Bearer ...` */
  readonly header?: string;
}

export function jwtRule({ issuer, audiences, userClaim, groupsClaim, jwksUri, jwks, header }: TokenRule): object {
  return {
    issuer,
    audiences,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwks === undefined ? {} : { jwks }),
    fromHeaders: [header === undefined ? { name: "Authorization", prefix: "Bearer " } : { name: header }],
    // Envoy takes both headers out of every request first, so nobody can send them.
    outputClaimToHeaders: [
      { header: userHeaders.user, claim: userClaim },
      { header: userHeaders.groups, claim: groupsClaim },
    ],
    forwardOriginalToken: true,
  };
}

/** Beside that of the users: tokens of another issuer, for machines. */
export function machineAuthentication(rule: TokenRule): KubernetesObject {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "RequestAuthentication",
    metadata: { name: "m2m-token-issuer", namespace: "istio-system" },
    spec: { selector, jwtRules: [jwtRule(rule)] },
  };
}

/**
 * Whom the gateway refuses although the issuer let them in. oauth2-proxy refuses them too, but only at the login: a token
 * that somebody got from the issuer in another way never comes to it.
 */
export function allowPolicy(
  { emailDomains, groups }: LoginSettings["allow"],
  { userClaim, groupsClaim }: Pick<TokenRule, "userClaim" | "groupsClaim">,
  /** `ISSUER/*`: users' tokens, not those of machines. */
  principals: Text,
): KubernetesObject | undefined {
  const source = { requestPrincipals: [principals] };
  // A claim that is not there is none of the values, either.
  const refused = [
    ...(emailDomains.length === 0
      ? []
      : [{ key: `request.auth.claims[${userClaim}]`, notValues: emailDomains.map((domain) => `*@${domain}`) }]),
    ...(groups.length === 0 ? [] : [{ key: `request.auth.claims[${groupsClaim}]`, notValues: groups }]),
  ];
  if (refused.length === 0) return undefined;
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "istio-ingressgateway-login-allow", namespace: "istio-system" },
    spec: {
      selector,
      action: "DENY",
      rules: refused.map((condition) => ({ from: [{ source }], when: [condition] })),
    },
  };
}

/** The policy without its exemption of paths that are no longer served, or served to the logged in only. */
export function withoutPaths(policy: KubernetesObject, served: readonly string[]): KubernetesObject {
  const spec = policy["spec"] as { readonly rules: readonly PolicyRule[] };
  const rules = spec.rules.map(({ to, ...rule }) => {
    const operations = (to ?? []).flatMap(({ operation }) => {
      const notPaths = operation.notPaths.filter((path) => served.some((prefix) => path.startsWith(prefix)));
      return notPaths.length === 0 ? [] : [{ operation: { ...operation, notPaths } }];
    });
    return { ...rule, ...(operations.length === 0 ? {} : { to: operations }) };
  });
  return { ...policy, spec: { ...spec, rules } };
}

interface PolicyRule {
  readonly to?: readonly { readonly operation: { readonly notPaths: readonly string[] } }[];
  readonly [key: string]: unknown;
}
