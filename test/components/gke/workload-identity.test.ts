import assert from "node:assert/strict";
import { type Inputs, build, dependencies } from "./built.ts";
import { project, projectNumber, settingsWith } from "./settings.ts";

describe("workload identity on GKE", () => {
  const member = `principal://iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject/ns/team-a/sa/default-editor`;
  const serviceAccount = { namespace: "team-a", name: "default-editor" };

  it("binds a service account to its prefixes by conditions, without a key or an account of Google's", async () => {
    const { recording } = await build(settingsWith(), {}, (target, options) => {
      const access = [
        { prefix: "shared/", permission: "read" },
        { prefix: "artifacts/team-a/", permission: "read-write" },
      ] as const;
      const binding = target.identity.bind("team-a", serviceAccount, access, options);
      assert.deepEqual([binding.serviceAccountAnnotations, binding.podLabels, binding.ready.length], [{}, {}, 2]);
    });
    const found = recording.all("gcp:storage/bucketIAMMember:BucketIAMMember");
    const bucket = "cluster-artifacts-a1b2c3d";
    const granted = found.map(({ inputs }) => [inputs["role"], (inputs["condition"] as Inputs)["expression"]]);
    const within = (prefix: string): string =>
      `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}") || ` +
      `api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("${prefix}")`;
    assert.deepEqual(granted, [
      ["roles/storage.objectViewer", within("shared/")],
      ["roles/storage.objectUser", within("artifacts/team-a/")],
    ]);
    for (const { inputs, options } of found) {
      assert.deepEqual([inputs["member"], inputs["bucket"]], [member, bucket]);
      assert.ok(dependencies(options).includes("kubeflow"), "the project's identity pool comes with the cluster");
    }
  });

  it("refuses a prefix that would end the text of the condition", async () => {
    const bind = build(settingsWith(), {}, (target, options) =>
      target.identity.bind("x", serviceAccount, [{ prefix: '") || true || ("/', permission: "read" }], options),
    );
    await assert.rejects(bind, /folders that each end with \//);
  });

  it("lets the writers of DNS records write to the one zone", async () => {
    const { recording } = await build(settingsWith());
    const writers = recording.all("gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember");
    assert.deepEqual(
      writers.map(({ inputs }) => [inputs["managedZone"], inputs["role"], String(inputs["member"]).split("/ns/")[1]]),
      [
        ["cluster-dns-a1b2c3d", "roles/dns.admin", "cert-manager/sa/cert-manager"],
        ["cluster-dns-a1b2c3d", "roles/dns.admin", "external-dns/sa/external-dns"],
      ],
    );
  });
});
