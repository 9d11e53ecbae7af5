/** What the platform relies on, asserted for every target: each stack of stacks/config, and a plain kubeconfig. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { readRawConfig } from "../../cli/stack-file.ts";
import type { ClusterTarget } from "../../components/contracts/cluster-target.ts";
import { gpuTaint } from "../../components/contracts/gpu-pool.ts";
import { secretNamesIn } from "../../components/onprem/settings-rules.ts";
import { configuredStacks, loadProject } from "../../engine/project.ts";
import { projectRoot } from "../../shared/paths.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { kubeconfigProblem } from "../../stacks/kubeconfig.ts";
import { targets } from "../../stacks/targets.ts";
import type { PropertyMap } from "../../engine/values.ts";
import { generatedSecret, simulatedAnswer, simulatedCall } from "../support/simulated-answers.ts";
import { isSecret, opened, record, valueOf, type Recording } from "../support/recording.ts";

const stacks = await configuredStacks(await loadProject(projectRoot));

async function configOf(stack: string): Promise<StackConfig> {
  return parseStackConfig(stack, await readRawConfig(stack));
}

/** A cluster that this program does not make is somebody's who has a kubeconfig. */
const isGiven = ({ target }: StackConfig): boolean => target === "sandbox" || target === "kubeconfig";

/** The current context has to be the one that the stack asks for. */
function kubeconfigFor({ context = "c" }: StackConfig): string {
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443" } }],
    contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
    "current-context": context,
  });
}

function secretsFor({ onprem }: StackConfig): Readonly<Record<string, pulumi.Output<string>>> {
  return Object.fromEntries(
    Object.values(secretNamesIn(onprem ?? {})).map((name) => [name, pulumi.secret(generatedSecret)] as const),
  );
}

/** What the cloud's provider is configured with. */
function providerConfig({ gke, eks, aks }: StackConfig): PropertyMap {
  if (gke !== undefined) return { project: gke.project, region: gke.region };
  if (eks !== undefined) return { region: eks.region, allowedAccountIds: [eks.accountId] };
  return aks === undefined
    ? {}
    : { subscriptionId: aks.subscriptionId, tenantId: aks.tenantId, location: aks.location };
}

for (const stack of stacks) {
  describe(`target of the stack ${stack}`, () => {
    let config: StackConfig;
    let target: ClusterTarget;
    let recording: Recording;
    let bound: readonly { readonly type: string; readonly inputs: unknown }[];

    before(async () => {
      config = await configOf(stack);
      const before: { target?: ClusterTarget; count: number } = { count: 0 };
      recording = await record(
        async () => {
          before.target = await targets[config.target]({
            ...config,
            kubeconfig: isGiven(config) ? pulumi.secret(kubeconfigFor(config)) : undefined,
            oauthClientSecret: undefined,
            secrets: secretsFor(config),
          });
          before.target.identity?.bind(
            "conformance",
            { namespace: "team-a", name: "default-editor" },
            [{ prefix: "artifacts/team-a/", permission: "read-write" }],
            { parent: before.target.provider },
          );
        },
        simulatedAnswer(providerConfig(config)),
        simulatedCall,
      );
      assert.ok(before.target);
      target = before.target;
      bound = recording.resources.filter(({ name }) => name.startsWith("conformance"));
    });

    it("is of this contract, and of the kind that was asked for", () => {
      assert.equal(target.contractVersion, 1);
      assert.equal(target.kind, config.target);
      assert.notEqual(target.name, "");
    });

    it("gives a kubeconfig that is secret, and that holds no credential of a cloud", async () => {
      assert.equal(await pulumi.isSecret(target.kubeconfig), true);
      const text = await valueOf(pulumi.unsecret(target.kubeconfig));
      assert.equal(kubeconfigProblem(text, target.context), undefined, text);
      if (!isGiven(config)) assert.doesNotMatch(text, /token:|client-key-data|password:/);
    });

    it("tells its provider which cluster it is, so that an edited kubeconfig replaces nothing", () => {
      const { inputs } = recording.one("pulumi:providers:kubernetes");
      assert.ok(isSecret(inputs["kubeconfig"]));
      assert.match(String(opened(inputs["clusterIdentifier"])), /.+/);
      assert.ok(!isSecret(inputs["clusterIdentifier"]), "a preview could not show it");
    });

    it("has facts that a plan can show: no class, address or taint is an output", () => {
      const { storage, ingress, gpuPools } = target;
      for (const fact of [storage.defaultClass, storage.sharedClass, ingress, gpuPools]) {
        if (fact !== undefined) assert.deepEqual(JSON.parse(JSON.stringify(fact)), fact);
      }
    });

    it("describes its GPU pools as the stack has them, all with the one taint", () => {
      const settings = config.gke ?? config.eks ?? config.aks;
      const own = (config.onprem?.gpuPools ?? []).map(({ nodes, ...pool }) => {
        return { ...pool, min: nodes.length, max: nodes.length };
      });
      const asked = [...(settings?.gpuPools ?? []), ...own].map(({ name, gpu, min, max }) => ({ name, gpu, min, max }));
      assert.deepEqual(
        target.gpuPools.map(({ name, gpu, min, max }) => ({ name, gpu, min, max })),
        asked,
      );
      for (const { taints, resourceName, gpuMemoryGiB } of target.gpuPools) {
        assert.deepEqual(
          taints.filter(({ key }) => key === gpuTaint.key),
          [gpuTaint],
        );
        assert.match(resourceName, /^nvidia\.com\//);
        assert.ok(gpuMemoryGiB >= 16);
      }
    });

    it("has whole what it has at all", async () => {
      const { objectStore, database, registry, identity, access, oidc, storage } = target;
      if (access === undefined) {
        // Nothing is provisioned, and a half of it would be worse than none.
        assert.deepEqual([objectStore, database, registry, identity, oidc], Array(5).fill(undefined));
        return;
      }
      assert.ok(storage.defaultClass);
      assert.match(access.dashboardUrl, /^https:\/\/kubeflow\./);
      if (database !== undefined) assert.equal(await pulumi.isSecret(database.password), true);
      if (oidc !== undefined) assert.equal(await pulumi.isSecret(oidc.clientSecret), true);
      if (config.onprem !== undefined) {
        const { credentials } = objectStore ?? {};
        assert.equal(credentials !== undefined, config.onprem.objectStore !== undefined);
        for (const key of Object.values(credentials ?? {})) assert.equal(await pulumi.isSecret(key), true);
        assert.deepEqual(
          [database, oidc].map((part) => part === undefined),
          [config.onprem.database, config.onprem.oidc].map((part) => part === undefined),
        );
        return;
      }
      assert.ok(objectStore && database && registry && identity);
      const classes = recording.all("kubernetes:storage.k8s.io/v1:StorageClass");
      const named = JSON.stringify(classes.map(({ inputs }) => inputs["metadata"]));
      assert.ok(named.includes(`"${storage.defaultClass}"`), named);
      assert.ok(target.ready.length > 0, "nothing would be deleted before the cluster");
    });

    it("binds a service account to its prefix of the bucket, and to no more", () => {
      if (target.identity === undefined) return;
      const text = JSON.stringify(bound.map(({ inputs }) => inputs));
      assert.ok(bound.length > 0);
      assert.ok(text.includes("artifacts/team-a/"), text);
      assert.ok(text.includes("default-editor"), text);
      assert.doesNotMatch(text, /"\*"|:\*"|allUsers|allAuthenticated/);
    });

    it("takes every secret to the cloud as a secret", () => {
      const clear = recording.resources.filter(({ inputs }) =>
        Object.values(inputs).some((value) => !isSecret(value) && textOf(value).includes(generatedSecret)),
      );
      assert.deepEqual(
        clear.map(({ type, name }) => `${type} ${name}`),
        [],
      );
    });
  });
}

/** What a value says in the clear: secrets inside of it are left out. */
function textOf(value: unknown): string {
  return JSON.stringify([value], (_, item: unknown) => (isSecret(item) ? "[secret]" : item));
}
