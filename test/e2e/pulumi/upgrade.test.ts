/**
 * Kubeflow 1.11.0 with tenants in it is brought to 26.03 by the real Pulumi CLI and its real Kubernetes provider, as
 * docs/upgrades.md says. Nothing of the tenants is lost or changed. Pods are KWOK's, so what runs in them is not looked at.
 */
import assert from "node:assert/strict";
import { KubernetesClient } from "../../../kubernetes/client.ts";
import { loadUpgrades } from "../../../release/upgrades.ts";
import { listEverything, notReady, type Listing } from "../../support/listing.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { makeTenants, tenantObjects } from "../../support/tenant-objects.ts";

const tenants = ["team-a", "team-b"];
const stack = "upgraded";

describe("an upgrade from 1.11.0 to 26.03 by the Pulumi CLI", function () {
  this.timeout(20 * 60_000);
  const workspace = usePulumiWorkspace({ mirror: true, minutes: 10 });
  let kubeconfig: string;
  let before11: Listing;

  const withClient = async <Result>(work: (client: KubernetesClient) => Promise<Result>): Promise<Result> => {
    const client = new KubernetesClient({ kubeconfig });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  const objectsOfTenants = () => withClient((client) => tenantObjects(client, tenants));

  before(async () => {
    kubeconfig = await workspace().startSandbox();
    await workspace().checkout.stack(stack, { target: "sandbox", release: "1.11.0" });
    await workspace().initStack(stack, kubeconfig);
    await workspace().changes(["up", "--yes", "--skip-preview", "--stack", stack]);
    before11 = await listEverything(kubeconfig);
    await withClient((client) => makeTenants(client, tenants));
  });

  it("loses nothing of the tenants, and leaves what the new release has", async () => {
    const theirs = await objectsOfTenants();
    assert.ok(theirs.size > 130, `${String(theirs.size)} objects of tenants`);
    await workspace().expectPulumi(["config", "set", "release", "26.03", "--stack", stack]);
    // What `kf` does by itself and the CLI does not know: docs/upgrades.md.
    const { stdout } = await workspace().expectPulumi(["stack", "--show-urns", "--stack", stack]);
    const kept = /urn:\S+:Service::kubeflow\/minio-service(?=\s)/.exec(stdout)?.[0] ?? "";
    await workspace().expectPulumi(["state", "delete", kept, "--yes", "--stack", stack]);
    await workspace().changes(["up", "--yes", "--skip-preview", "--stack", stack]);
    assert.deepEqual(await objectsOfTenants(), theirs);
    const [upgrade] = await loadUpgrades();
    const gone = (upgrade?.rules ?? []).flatMap((rule) => (rule.rule === "removed" ? rule.objects : []));
    const listing = await listEverything(kubeconfig);
    const lost = [...before11].filter((item) => !listing.has(item)).map((item) => item.split(" ")[1]);
    const names = gone.map((key) => key.split("/").slice(1).join("/").replace(/^\//, "default/"));
    assert.deepEqual(lost.sort(), names.sort());
    assert.ok(listing.has("Service.v1 kubeflow/minio-service"));
    assert.deepEqual(await notReady(kubeconfig), []);
  });

  it("changes nothing the second time", async () => {
    assert.deepEqual(await workspace().changes(["preview", "--stack", stack]), []);
  });
});
