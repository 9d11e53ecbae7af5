/**
 * cert-manager's controller for real: with the account and the rights that the release gives it, on a sandbox with the
 * release's own CRDs, it signs what `kubeflow:edge` asks for. Kinds that need the network (ACME) are checked by their
 * schema only. The tests build on each other, in order.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { connect } from "node:tls";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import type { CustomisedRelease } from "../../components/kubeflow/customisation.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { ensureTool } from "../../tools/tools.ts";
import { at, domain, one, selfSigned, withEdge, zoneOfTests, type EdgeInput } from "../components/edge/support.ts";
import { useRelease } from "../components/selection/support.ts";
import { issueCertificates } from "../support/certificates.ts";
import { testManager } from "../support/cluster.ts";
import { valueOf } from "../support/recording.ts";
import { useSandbox } from "../support/sandbox.ts";

const day = 24 * 60 * 60 * 1000;
const hosts = ["*.models.example.com"];

interface Issued {
  readonly certificate: X509Certificate;
  /** Who signed it, as the Secret says. */
  readonly ca: X509Certificate;
  readonly key: string;
  readonly chain: string;
}

describe("edge", () => {
  const release = useRelease();
  const sandbox = useSandbox("edge");
  let client: KubernetesClient;
  let controller: ChildProcess | undefined;
  const log: string[] = [];

  before(async function () {
    this.timeout(30 * 60_000);
    client = new KubernetesClient({ kubeconfig: sandbox().kubeconfig });
    const groups = [/cert-manager\.io$/, /istio\.io$/];
    for (const crd of release().crds.filter(({ group }) => groups.some((each) => each.test(group))))
      await client.apply(await readCrd(crd), { fieldManager: testManager });
    const wanted = release().objects.filter(
      ({ kind, metadata }) =>
        kind === "Namespace" ||
        (metadata.labels?.["app.kubernetes.io/instance"] === "cert-manager" &&
          /^(ServiceAccount|.*Role.*)$/.test(kind)),
    );
    assert.ok(wanted.length > 20, String(wanted.length));
    for (const object of wanted) await apply(object);
    controller = await startController();
  });

  after(async () => {
    if (controller?.exitCode === null) {
      controller.kill();
      await once(controller, "exit");
    }
    await client.close();
  });

  const apply = async (object: KubernetesObject): Promise<void> => {
    await client.apply(object, { fieldManager: testManager, force: true });
  };

  /** As the pod of the release would run: as its service account. */
  async function startController(): Promise<ChildProcess> {
    const executable = await ensureTool("cert-manager-controller", (message) => console.warn(message));
    const kubectl = await ensureTool("kubectl", () => undefined);
    const admin = ["--kubeconfig", sandbox().kubeconfig];
    const token = await execa(kubectl, [...admin, "-n", "cert-manager", "create", "token", "cert-manager"]);
    const view = await execa(kubectl, [...admin, "config", "view", "--raw", "--flatten", "-o", "json"]);
    const config = JSON.parse(view.stdout) as { users: { user: object }[] };
    for (const user of config.users) user.user = { token: token.stdout };
    const kubeconfig = path.join(path.dirname(sandbox().kubeconfig), "cert-manager.kubeconfig");
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    const running = spawn(executable, ["--kubeconfig", kubeconfig], { stdio: ["ignore", "ignore", "pipe"] });
    running.stderr.on("data", (data: Buffer) => void log.push(data.toString()));
    return running;
  }

  /** Applies what the edge has of cert-manager, and waits for what that makes of it. */
  async function issue(customised: CustomisedRelease): Promise<Issued> {
    assert.deepEqual(customised.problems, []);
    const before = new Set(release().objects);
    for (const object of customised.release.objects.filter((each) => !before.has(each))) {
      const { apiVersion, kind, metadata } = object;
      const isCertManagers =
        apiVersion.startsWith("cert-manager.io/") || (kind === "Secret" && metadata.namespace === "cert-manager");
      if (isCertManagers) await apply(await plain(object));
    }
    const wanted = one(customised, "Certificate", "kubeflow-gateway-tls");
    return await issued(wanted);
  }

  async function issued(wanted: KubernetesObject): Promise<Issued> {
    const issuer = String(at(wanted, "spec.issuerRef.name"));
    const deadline = Date.now() + 60_000;
    for (;;) {
      const secret = await client.get({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { namespace: "istio-system", name: "kubeflow-gateway-tls" },
      });
      const by = secret?.metadata.annotations?.["cert-manager.io/issuer-name"];
      const certificate = await client.get(wanted);
      const ready = (at(certificate, "status.conditions") ?? []) as {
        type: string;
        status: string;
        observedGeneration: number;
      }[];
      const isReady = ready.some(
        ({ type, status, observedGeneration }) =>
          type === "Ready" && status === "True" && observedGeneration === at(certificate, "metadata.generation"),
      );
      if (secret !== undefined && by === issuer && isReady) return read(secret);
      if (Date.now() > deadline)
        assert.fail(`not issued: ${JSON.stringify(at(certificate, "status"))}\n${log.slice(-20).join("")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  function read(secret: KubernetesObject): Issued {
    const field = (name: string): string =>
      Buffer.from((secret["data"] as Record<string, string>)[name] ?? "", "base64").toString();
    const chain = field("tls.crt");
    return {
      chain,
      certificate: new X509Certificate(chain),
      ca: new X509Certificate(field("ca.crt")),
      key: field("tls.key"),
    };
  }

  function assertSound({ certificate }: Issued, days = 90): void {
    for (const host of [domain, "a.models.example.com"])
      assert.equal(certificate.checkHost(host) === undefined, false, `${host}: ${String(certificate.subjectAltName)}`);
    assert.equal(certificate.checkHost("models.example.com"), undefined);
    assert.equal(certificate.ca, false, "it could sign others");
    assert.equal(Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / day), days);
    assert.equal(certificate.publicKey.asymmetricKeyType, "ec");
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"], "not for servers only");
  }

  const settings = (more: Partial<EdgeInput>): EdgeInput => ({ ...selfSigned, hosts, ...more });

  it("signs its own certificate for the names of the gateway", async () => {
    const made = await issue(withEdge(release(), settings({})));
    assertSound(made);
    assert.ok(made.certificate.verify(made.certificate.publicKey));
    await assertServes(made, made.chain, true);
    selfSignedChain = made.chain;
  });

  let selfSignedChain: string;
  let first: Issued;

  it("makes a CA in the cluster, which signs the gateway's certificate anew", async () => {
    first = await issue(withEdge(release(), settings({ issuer: { kind: "own-ca" }, certificate: { days: 60 } })));
    assertSound(first, 60);
    assert.equal(first.ca.ca, true);
    assert.ok(first.certificate.checkIssued(first.ca) && first.certificate.verify(first.ca.publicKey));
    assert.equal(Math.round((Date.parse(first.ca.validTo) - Date.parse(first.ca.validFrom)) / day), 3650);
    await assertServes(first, first.ca.toString(), true);
    await assertServes(first, selfSignedChain, false);
  });

  it("gives the gateway another key with another certificate, of the same CA", async () => {
    const wanted = one(
      withEdge(release(), settings({ issuer: { kind: "own-ca" }, certificate: { days: 60 } })),
      "Certificate",
      "kubeflow-gateway-tls",
    );
    await client.delete({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "istio-system", name: "kubeflow-gateway-tls" },
    });
    const second = await issued(wanted);
    assert.notEqual(second.key, first.key);
    assert.equal(second.ca.fingerprint256, first.ca.fingerprint256);
    assertSound(second, 60);
  });

  it("signs with the CA that kubeflow:secrets has", async () => {
    const folder = path.join(path.dirname(sandbox().kubeconfig), "own-ca");
    const { ca } = await issueCertificates(folder);
    const given = { kind: "own-ca", caCertificate: "ca", caKey: "ca-key" } as const;
    const secrets = { ca, "ca-key": await readFile(path.join(folder, "ca.key"), "utf8") };
    const made = await issue(withEdge(release(), settings({ issuer: given }), { secrets }));
    assertSound(made);
    assert.equal(made.ca.fingerprint256, new X509Certificate(ca).fingerprint256);
    await assertServes(made, ca, true);
  });

  it("renders what the schemas of Istio, cert-manager and Kubernetes take, for every kind of signer", async () => {
    const acme = { kind: "acme", email: "ops@example.com" } as const;
    const own = { ...acme, dns01: { rfc2136: { nameserver: "192.0.2.1:53" } } };
    let checked = 0;
    for (const [issuer, target] of [
      [{ kind: "self-signed" }, {}],
      [{ kind: "own-ca" }, {}],
      [acme, { zone: zoneOfTests }],
      [own, {}],
    ] as const) {
      const customised = withEdge(release(), settings({ issuer }), { target });
      assert.deepEqual(customised.problems, []);
      const before = new Set(release().objects);
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "external-dns" } });
      for (const object of customised.release.objects.filter((each) => !before.has(each))) {
        if (object.kind === "Namespace") continue;
        await client.apply(await plain(object), { fieldManager: "schema", dryRun: true, force: true });
        checked += 1;
      }
    }
    assert.ok(checked > 100, String(checked));
  });

  /** A browser's view: whether a server with the certificate is believed by who trusts `ca`. */
  async function assertServes({ key, chain }: Issued, ca: string, believed: boolean): Promise<void> {
    const server = createServer({ key, cert: chain }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const authorised = await new Promise<boolean>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, servername: domain, ca, rejectUnauthorized: false });
      socket.once("secureConnect", () => {
        resolve(socket.authorized);
        socket.destroy();
      });
      socket.once("error", reject);
    });
    server.close();
    assert.equal(authorised, believed);
  }
});

/** The object with the values of its outputs. */
async function plain(object: KubernetesObject): Promise<KubernetesObject> {
  const known: pulumi.Output<unknown> = pulumi.unsecret(pulumi.output(object));
  return (await valueOf(known)) as KubernetesObject;
}
