/** Who may do what in a tenant, in the shape that profile-controller and KFAM give it. Pure. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { listAt, textAt } from "../../../release/order/references.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { bindingName, type Contributor } from "./binding-name.ts";
import { groupHeader, groupMember } from "./group-headers.ts";
import { contributorsOf, type TenantSettings } from "./settings.ts";

/** How the release's own controllers know who asks and who passes a request on. */
export interface AccessFacts {
  readonly userHeader: string;
  readonly userPrefix: string;
  /** The gateway and the UI of Pipelines: nobody else's word on who the user is counts. */
  readonly forwarders: readonly string[];
  readonly notebookController: string;
  /** The claim with a user's groups. */
  readonly groupsClaim: string;
}

/** Header that the gateway fills from the groups claim. */
const groupsHeader = "kubeflow-groups";

/** What `profiles-config` and the gateway's RequestAuthentications of the release say, with profile-controller's defaults. */
export function accessFacts({ objects }: RenderedRelease): AccessFacts {
  const config = objects.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("profiles-config"),
  );
  const value = (key: string, otherwise: string): string => textAt(config, "data", key) ?? otherwise;
  const rules = objects
    .filter(({ kind, metadata }) => kind === "RequestAuthentication" && metadata.namespace === "istio-system")
    .flatMap((each) => listAt(each, "spec", "jwtRules"));
  const claims = rules.flatMap((rule) => listAt(rule, "outputClaimToHeaders"));
  return {
    userHeader: value("USERID_HEADER", "kubeflow-userid"),
    userPrefix: value("USERID_PREFIX", ""),
    forwarders: [
      value("ISTIO_INGRESS_GATEWAY_PRINCIPAL", "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"),
      value("KFP_UI_PRINCIPAL", "cluster.local/ns/kubeflow/sa/ml-pipeline-ui"),
    ],
    notebookController: value(
      "NOTEBOOK_CONTROLLER_PRINCIPAL",
      "cluster.local/ns/kubeflow/sa/notebook-controller-service-account",
    ),
    groupsClaim:
      claims
        .filter((claim) => textAt(claim, "header") === groupsHeader)
        .map((claim) => textAt(claim, "claim"))
        .find((claim) => claim !== undefined) ?? "groups",
  };
}

/** The owner's and every contributor's rights, in Kubernetes and in the mesh. */
export function accessOf(tenant: TenantSettings, facts: AccessFacts): readonly KubernetesObject[] {
  const contributors = contributorsOf(tenant);
  return [
    ownerBinding(tenant),
    ownerPolicy(tenant, facts),
    ...contributors.flatMap((each) => [roleBinding(tenant.name, each), policy(tenant.name, each, facts)]),
  ];
}

/** profile-controller would make this one and the next itself; ours are there before it runs, and go with the tenant. */
function ownerBinding({ name, owner }: TenantSettings): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "namespaceAdmin", namespace: name, annotations: { user: owner, role: "admin" } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kubeflow-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: owner }],
  };
}

/** Rule by rule what profile-controller writes: it would put back what differs. */
function ownerPolicy({ name, owner }: TenantSettings, facts: AccessFacts): KubernetesObject {
  const { userHeader, userPrefix, forwarders, notebookController } = facts;
  return {
    apiVersion: "security.istio.io/v1beta1",
    kind: "AuthorizationPolicy",
    metadata: { name: "ns-owner-access-istio", namespace: name, annotations: { user: owner, role: "admin" } },
    spec: {
      action: "ALLOW",
      rules: [
        {
          when: [{ key: `request.headers[${userHeader}]`, values: [`${userPrefix}${owner}`] }],
          from: [{ source: { principals: forwarders } }],
        },
        { when: [{ key: "source.namespace", values: [name] }] },
        // Knative's probes.
        { to: [{ operation: { paths: ["/healthz", "/metrics", "/wait-for-drain"] } }] },
        // How the notebook controller learns whether a notebook is idle.
        {
          from: [{ source: { principals: [notebookController] } }],
          to: [{ operation: { methods: ["GET"], paths: ["*/api/kernels"] } }],
        },
      ],
    },
  };
}

/** With the annotations that KFAM lists contributors by, and one subject, since it refuses to list more. */
function roleBinding(namespace: string, contributor: Contributor): KubernetesObject {
  const { kind, name, role } = contributor;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: bindingName(contributor), namespace, annotations: { user: name, role } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `kubeflow-${role}` },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind, name }],
  };
}

/** A user is known by the header that KFAM goes by, a group by the one that `groupHeadersFilter` has the gateway write. */
function policy(namespace: string, contributor: Contributor, facts: AccessFacts): KubernetesObject {
  const { kind, name, role } = contributor;
  const condition =
    kind === "User"
      ? { key: `request.headers[${facts.userHeader}]`, values: [`${facts.userPrefix}${name}`] }
      : { key: `request.headers[${groupHeader(name)}]`, values: [groupMember] };
  return {
    apiVersion: "security.istio.io/v1beta1",
    kind: "AuthorizationPolicy",
    metadata: { name: bindingName(contributor), namespace, annotations: { user: name, role } },
    spec: { rules: [{ when: [condition], from: [{ source: { principals: facts.forwarders } }] }] },
  };
}
