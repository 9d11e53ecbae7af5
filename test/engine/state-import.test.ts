import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeDeployment, type Deployment, type ResourceState } from "../../engine/deployment.ts";
import { PassphraseSecrets } from "../../engine/secrets.ts";
import { importState } from "../../engine/state-import.ts";
import { exportState, stackOutputs } from "../../engine/stored-state.ts";
import { stackFiles } from "../../engine/store.ts";
import { acquireLock } from "../../engine/lock.ts";
import { Secret } from "../../engine/values.ts";
import { projectRoot } from "../../shared/paths.ts";
import { usePassphrase } from "./support/stack.ts";

const passphrase = "the passphrase of the import test";

function stackResource(stack: string, project = "kubeflow"): ResourceState {
  return {
    urn: `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`,
    type: "pulumi:pulumi:Stack",
    custom: false,
    id: "",
    inputs: {},
    outputs: { password: new Secret("canary-of-the-import") },
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    customTimeouts: {},
  };
}

async function exported(resource: ResourceState, text = passphrase): Promise<Deployment> {
  const secrets = await PassphraseSecrets.open({ text, source: "the test", generated: false });
  return makeDeployment([resource], [], secrets, "v3.276.0");
}

describe("a state that the Pulumi CLI exported", () => {
  usePassphrase(passphrase);
  let stateDir: string;
  const give = async (deployment: unknown) =>
    importState({ projectRoot, stateDir, stack: "dev" }, JSON.stringify(deployment));

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), "kf-import-"));
  });
  afterEach(() => rm(stateDir, { recursive: true }));

  it("is taken over with its secrets, and what was there is kept", async () => {
    const options = { projectRoot, stateDir, stack: "dev" };
    assert.deepEqual(await give(await exported(stackResource("dev"))), { resources: 1, pending: 0 });
    assert.deepEqual(await stackOutputs({ ...options, showSecrets: true }), { password: "canary-of-the-import" });
    const before = await exportState(options);
    const { setAside = "" } = await give(before);
    assert.deepEqual(await readdir(path.dirname(setAside)), [path.basename(setAside)]);
    assert.deepEqual((await exportState(options))?.deployment.resources, before?.deployment.resources);
  });

  const refused: readonly (readonly [why: string, given: () => Promise<unknown>, message: RegExp])[] = [
    ["another stack", () => exported(stackResource("prod")), /of stack prod of program kubeflow, not of stack dev/],
    ["another program", () => exported(stackResource("dev", "shop")), /of program shop, not .+pulumi stack rename dev/],
    ["another passphrase", () => exported(stackResource("dev"), "other"), /Wrong passphrase/],
    [
      "another version",
      () => Promise.resolve({ version: 2, deployment: {} }),
      /deployment version 2, .+pulumi stack export --stack dev/,
    ],
    ["nothing", () => Promise.resolve(null), /deployment version none/],
    [
      "a resource without a name",
      () => Promise.resolve({ version: 3, deployment: { resources: [{}] } }),
      /resources\[0\]\.urn/,
    ],
    [
      "another secrets provider",
      async () => {
        const { version, deployment } = await exported(stackResource("dev"));
        return { version, deployment: { ...deployment, secrets_providers: { type: "cloud", state: {} } } };
      },
      /"cloud".+pulumi stack change-secrets-provider passphrase --stack dev/,
    ],
  ];
  for (const [why, given, message] of refused) {
    it(`is refused, and changes nothing: ${why}`, async () => {
      await assert.rejects(give(await given()), message);
      assert.deepEqual(await readdir(stateDir), []);
    });
  }

  it("waits for nobody who works on the stack", async () => {
    await give(await exported(stackResource("dev")));
    const { lock } = stackFiles({ stateDir, project: "kubeflow", stack: "dev" });
    const release = await acquireLock(lock, "dev", "up");
    await assert.rejects(give(await exported(stackResource("dev"))), /Stack dev is locked by .+ up/);
    await release();
  });
});
