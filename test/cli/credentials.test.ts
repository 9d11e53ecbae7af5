/** Generated credentials as a user has them: in the cluster, in the stack's outputs when asked for, and nowhere else. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { compare } from "bcrypt";
import type { OperationResult } from "../../engine/report.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";
import { useSandbox } from "../support/sandbox.ts";
import { object, writeRelease } from "../support/small-release.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const proxy = "oauth2-proxy-h675gf55ht";
const components = {
  dex: [
    object("Namespace", { name: "auth" }),
    object("Secret", { namespace: "auth", name: "dex-passwords" }, { stringData: { DEX_USER_PASSWORD: "upstream" } }),
    object(
      "Secret",
      { namespace: "auth", name: "dex-oidc-client" },
      { data: { OIDC_CLIENT_ID: encode("kubeflow"), OIDC_CLIENT_SECRET: encode("upstream") } },
    ),
  ],
  "oauth2-proxy": [
    object("Namespace", { name: "oauth2-proxy" }),
    object(
      "Secret",
      { namespace: "oauth2-proxy", name: proxy },
      { data: { "client-secret": encode("upstream"), "cookie-secret": encode("upstream") } },
    ),
  ],
};

describe("kf, for the credentials of a stack", () => {
  const sandbox = useSandbox("cli");
  let checkout: Checkout;
  let folder: string;
  let client: KubernetesClient;
  /** Everything that was printed. */
  let printed = "";
  let known: Awaited<ReturnType<typeof inCluster>>;

  before(async () => {
    checkout = await copyCheckout();
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-credentials-"));
    client = new KubernetesClient({ kubeconfig: sandbox().kubeconfig });
    await configure({});
  });
  after(async () => {
    await client.close();
    await checkout.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function configure(rotate: Readonly<Record<string, string>>): Promise<void> {
    const release = await writeRelease(folder, { components });
    const kubeconfig = await readFile(sandbox().kubeconfig, "utf8");
    await checkout.stack("own", { target: "kubeconfig", kubeconfig, release, rotate });
  }

  async function run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await kf(args, { KF_DATA_DIR: folder }, checkout.root);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    printed += stdout + stderr;
    return stdout;
  }

  async function operate(kind: string): Promise<OperationResult & { readonly requests: object }> {
    const text = await run(kind, "own", "--engine", "offline", "--quiet", "--json");
    return JSON.parse(text) as OperationResult & { readonly requests: object };
  }

  async function field(namespace: string, name: string, key: string): Promise<string> {
    const live = await client.get({ apiVersion: "v1", kind: "Secret", metadata: { namespace, name } });
    const data = live?.["data"] as Readonly<Record<string, string>> | undefined;
    return Buffer.from(data?.[key] ?? "", "base64").toString();
  }

  async function inCluster() {
    return {
      hash: await field("auth", "dex-passwords", "DEX_USER_PASSWORD"),
      clientSecret: await field("auth", "dex-oidc-client", "OIDC_CLIENT_SECRET"),
      proxyClientSecret: await field("oauth2-proxy", proxy, "client-secret"),
      cookieSecret: await field("oauth2-proxy", proxy, "cookie-secret"),
    };
  }

  /** Not through `run`: this is what shows it. */
  async function adminPassword(): Promise<string> {
    const args = ["state", "outputs", "own", "--show-secrets", "--json"];
    const { stdout } = await kf(args, { KF_DATA_DIR: folder }, checkout.root);
    return (JSON.parse(stdout) as { readonly adminPassword: string }).adminPassword;
  }

  async function stateFiles(): Promise<string> {
    const entries = await readdir(path.join(folder, "stacks"), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
  }

  it("plans them before anything is known of them", async () => {
    const { steps, outputs } = await operate("preview");
    const created = steps.filter(({ op }) => op === "create").map(({ urn }) => nameOfUrn(urn));
    for (const name of ["admin-password", "oidc-client-secret", "cookie-secret"])
      assert.ok(created.includes(name), name);
    assert.equal(outputs["adminPassword"], "[secret]");
  });

  it("puts them into the cluster: one value where two have to agree, and the hash of the password", async () => {
    await operate("up");
    known = await inCluster();
    assert.match(known.clientSecret, /^[A-Za-z0-9]{40}$/);
    assert.equal(known.proxyClientSecret, known.clientSecret);
    assert.equal(Buffer.from(known.cookieSecret, "base64url").length, 32);
    assert.ok(await compare(await adminPassword(), known.hash));
    assert.equal(await field("auth", "dex-oidc-client", "OIDC_CLIENT_ID"), "kubeflow");
  });

  it("finds nothing to do the second time", async () => {
    const { summary, requests } = await operate("up");
    assert.deepEqual({ ...summary, same: 0 }, { same: 0, create: 0, update: 0, replace: 0, delete: 0 });
    assert.deepEqual(requests, {});
  });

  it("makes the one anew that is rotated, and leaves the others", async () => {
    const before = await adminPassword();
    await configure({ "admin-password": "2026-11" });
    const { steps } = await operate("up");
    assert.deepEqual(
      steps.filter(({ op }) => op !== "same").map(({ op, urn }) => `${op} ${nameOfUrn(urn)}`),
      ["replace admin-password", "update auth/dex-passwords"],
    );
    const now = await inCluster();
    assert.deepEqual({ ...now, hash: "" }, { ...known, hash: "" });
    assert.ok(await compare(await adminPassword(), now.hash));
    assert.ok(!(await compare(before, now.hash)));
  });

  it("names a credential that there is none of", async () => {
    await configure({ "admin-pasword": "2" });
    const { code, stderr } = await kf(["preview", "own"], { KF_DATA_DIR: folder }, checkout.root);
    assert.equal(code, 2);
    assert.match(stderr, /kubeflow:rotate\.admin-pasword: unknown key; did you mean admin-password\?/);
    await configure({});
  });

  it("shows no value in a report, an export or the state", async () => {
    await run("state", "export", "own");
    await run("state", "outputs", "own");
    const { hash } = await inCluster();
    const values = [hash, await adminPassword(), ...Object.values(known)];
    const everything = printed + (await stateFiles());
    assert.ok(everything.includes("dex-passwords"));
    for (const value of values.flatMap((plain) => [plain, encode(plain)])) {
      assert.ok(!everything.includes(value), `a value of ${value.length} characters is shown`);
    }
  });

  it("takes them away with the rest", async () => {
    await operate("destroy");
    assert.equal(await field("auth", "dex-passwords", "DEX_USER_PASSWORD"), "");
  });
});
