import assert from "node:assert/strict";
import fc from "fast-check";
import { bindingName } from "../../../components/kubeflow/tenants/binding-name.ts";
import { groupHeader } from "../../../components/kubeflow/tenants/group-headers.ts";
import { tenantsSettings } from "../../../components/kubeflow/tenants/settings.ts";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { render } from "./support.ts";

const settings = {
  profiles: [
    {
      name: "team-a",
      owner: "ann@example.com",
      members: [{ user: "Bob.B@example.com", role: "edit" }],
      groups: [{ group: "Data Science", role: "view" }],
    },
  ],
};

describe("access to a tenant", () => {
  it("is written as KFAM writes it for a contributor, so that the dashboard lists and removes him", async () => {
    const { one } = await render(settings);
    const name = "user-bob-b-example-com-clusterrole-edit";
    const annotations = { user: "Bob.B@example.com", role: "edit" };
    assert.deepEqual(one("RoleBinding", `team-a/${name}`), {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace: "team-a", annotations },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kubeflow-edit" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "Bob.B@example.com" }],
    });
    const principals = [
      "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account",
      "cluster.local/ns/kubeflow/sa/ml-pipeline-ui",
    ];
    assert.deepEqual(one("AuthorizationPolicy", `team-a/${name}`), {
      apiVersion: "security.istio.io/v1beta1",
      kind: "AuthorizationPolicy",
      metadata: { name, namespace: "team-a", annotations },
      spec: {
        rules: [
          {
            when: [{ key: "request.headers[kubeflow-userid]", values: ["Bob.B@example.com"] }],
            from: [{ source: { principals } }],
          },
        ],
      },
    });
  });

  it("is a group's by a header that the gateway makes of the token, whatever the group is called", async () => {
    const { one } = await render(settings);
    const name = "group-data-science-clusterrole-view";
    assert.partialDeepStrictEqual(one("RoleBinding", `team-a/${name}`), {
      roleRef: { name: "kubeflow-view" },
      subjects: [{ kind: "Group", name: "Data Science" }],
    });
    const header = groupHeader("Data Science");
    assert.match(header, /^[a-z0-9-]+$/);
    const policy = JSON.stringify(one("AuthorizationPolicy", `team-a/${name}`));
    assert.ok(policy.includes(`"key":"request.headers[${header}]","values":["member"]`), policy);
    assert.match(policy, /"principals":\["cluster\.local\/ns\/istio-system\/sa\/istio-ingressgateway-service-account"/);
    assert.match(JSON.stringify(one("EnvoyFilter", "istio-system/tenant-group-headers")), new RegExp(header));
  });

  it("is the owner's before any controller runs", async () => {
    const { one } = await render(settings);
    assert.partialDeepStrictEqual(one("RoleBinding", "team-a/namespaceAdmin"), {
      metadata: { annotations: { user: "ann@example.com", role: "admin" } },
      roleRef: { name: "kubeflow-admin" },
      subjects: [{ kind: "User", name: "ann@example.com" }],
    });
    assert.match(JSON.stringify(one("AuthorizationPolicy", "team-a/ns-owner-access-istio")), /ann@example\.com/);
  });
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const address = fc.tuple(label, label).map(([person, place]) => `${person}@${place}.org`);
const role = fc.constantFrom("admin", "edit", "view");
const profile = fc.record({
  name: label,
  owner: address,
  members: fc.uniqueArray(fc.record({ user: address, role }), { selector: ({ user }) => user, maxLength: 4 }),
  groups: fc.uniqueArray(fc.record({ group: label, role }), { selector: ({ group }) => group, maxLength: 3 }),
});
const profiles = fc.uniqueArray(profile, { selector: ({ name }) => name, minLength: 2, maxLength: 6 });

/** Every text in an object, wherever it is. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

describe("tenants among each other", () => {
  it("have no name of another's people in their namespace, and no object twice", async () => {
    await fc.assert(
      fc.asyncProperty(profiles, async (list) => {
        const { release, problems } = await render({ profiles: list });
        assert.deepEqual(problems, []);
        const keys = release.objects.map(objectKey);
        assert.equal(new Set(keys).size, keys.length);
        const own = (each: (typeof list)[number]): ReadonlySet<string> =>
          new Set([each.owner, ...each.members.map(({ user }) => user)]);
        for (const each of list) {
          const inside = (object: KubernetesObject): boolean => object.metadata.namespace === each.name;
          const named = release.objects.filter(inside).flatMap(texts);
          const people = named.filter((text) => /^[^/]+@[^/]+\.org$/.test(text));
          assert.deepEqual(
            people.filter((person) => !own(each).has(person)),
            [],
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it("bind people by a name that Kubernetes takes, whatever the group is called", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" }), role, (group, of) => {
        const name = bindingName({ kind: "Group", name: group, role: of });
        assert.match(name, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        assert.ok(name.length <= 253);
      }),
    );
  });

  it("never share a part of the bucket, in any settings that are taken", () => {
    const prefix = fc.array(fc.constantFrom("a", "b", "artifacts"), { minLength: 1, maxLength: 3 });
    const chosen = fc.array(prefix, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(chosen, (folders) => {
        const list = folders.map((parts, index) => ({
          name: `t${index}`,
          owner: "a@b.org",
          bucketPrefix: `${parts.join("/")}/`,
        }));
        const all = list.map(({ bucketPrefix }) => bucketPrefix);
        const overlap = all.some((one, index) => all.some((other, place) => place !== index && one.startsWith(other)));
        assert.equal(tenantsSettings.safeParse({ profiles: list }).success, !overlap);
      }),
    );
  });
});
