import assert from "node:assert/strict";
import * as client from "@kubernetes/client-node";
import { scopeOf } from "../../kubernetes/scopes.ts";

/** `AppsV1Api` -> `apps`: the client's classes are generated from the API, so their methods tell every kind's scope. */
const groups: Readonly<Record<string, string>> = {
  Admissionregistration: "admissionregistration.k8s.io",
  Apiextensions: "apiextensions.k8s.io",
  Apiregistration: "apiregistration.k8s.io",
  Apps: "apps",
  Autoscaling: "autoscaling",
  Batch: "batch",
  Certificates: "certificates.k8s.io",
  Coordination: "coordination.k8s.io",
  Core: "",
  Discovery: "discovery.k8s.io",
  Events: "events.k8s.io",
  FlowcontrolApiserver: "flowcontrol.apiserver.k8s.io",
  Networking: "networking.k8s.io",
  Node: "node.k8s.io",
  Policy: "policy",
  RbacAuthorization: "rbac.authorization.k8s.io",
  Resource: "resource.k8s.io",
  Scheduling: "scheduling.k8s.io",
  Storage: "storage.k8s.io",
};

describe("scopes", () => {
  it("are those of the generated client, for every built-in kind that can be created", () => {
    let checked = 0;
    for (const [name, api] of Object.entries(client)) {
      const [, prefix = "", version = ""] = /^(\w+?)(V\d\w*)Api$/.exec(name) ?? [];
      const group = groups[prefix];
      if (group === undefined || typeof api !== "function") continue;
      const apiVersion = `${group === "" ? "" : `${group}/`}${version.toLowerCase()}`;
      const methods = Object.getOwnPropertyNames(api.prototype);
      for (const method of methods) {
        // Bindings, evictions and token requests are actions on an object, not objects.
        const [, namespaced, kind] = /^create(Namespaced)?([A-Z]\w+?)(WithHttpInfo)?$/.exec(method) ?? [];
        if (
          kind === undefined ||
          /Binding$|Eviction|Token/.test(kind) !== /^(Cluster)?RoleBinding$|PolicyBinding$/.test(kind)
        )
          continue;
        assert.equal(scopeOf({ apiVersion, kind }, []), namespaced ? "Namespaced" : "Cluster", `${apiVersion} ${kind}`);
        checked += 1;
      }
    }
    assert.ok(checked > 60, `only ${checked} kinds`);
  });

  it("of custom kinds are those of their definitions, and unknown without one", () => {
    const custom = [{ group: "demo.example", kind: "Gadget", scope: "Cluster" }] as const;
    assert.equal(scopeOf({ apiVersion: "demo.example/v1", kind: "Gadget" }, custom), "Cluster");
    assert.equal(scopeOf({ apiVersion: "demo.example/v1", kind: "Other" }, custom), undefined);
  });
});
