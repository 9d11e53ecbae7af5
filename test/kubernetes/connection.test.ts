import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { after, before, describe, it } from "mocha";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { configMap, dropNamespace, testKubeconfig, testManager, testNamespace } from "../support/cluster.ts";

/** Something between client and API server that can be cut. */
class Cable {
  readonly #target: URL;
  readonly #sockets = new Set<net.Socket>();
  #server: net.Server | undefined;
  #port = 0;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  async plug(): Promise<string> {
    this.#server = net.createServer((socket) => {
      const onward = net.connect(Number(this.#target.port), this.#target.hostname);
      for (const end of [socket, onward]) {
        this.#sockets.add(end);
        end.on("error", () => undefined).on("close", () => [socket, onward].forEach((each) => each.destroy()));
      }
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as net.AddressInfo).port;
    return `https://127.0.0.1:${this.#port}`;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
  }
}

describe("Connection to the API server", () => {
  let place: Awaited<ReturnType<typeof testNamespace>>;
  let kubeconfig: string;
  let server: string;

  before(async () => {
    place = await testNamespace();
    kubeconfig = await testKubeconfig();
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    server = config.getCurrentCluster()?.server ?? "";
  });
  after(() => dropNamespace(place));

  /** The tests' kubeconfig, changed as text. */
  async function changed(change: (text: string) => string): Promise<string> {
    return change(await readFile(kubeconfig, "utf8"));
  }

  it("goes on where it was when the API server was away, waits included", async () => {
    const cable = new Cable(server);
    const address = await cable.plug();
    const told: string[] = [];
    const client = new KubernetesClient({
      kubeconfig: await changed((text) => text.replace(server, address)),
      progress: (message) => told.push(message),
    });
    const options = { fieldManager: testManager };
    const old = await client.apply(configMap(place.namespace, "cable", { v: "1" }), options);
    const wait = client.waitFor(old, (object) =>
      object?.metadata["resourceVersion"] !== old.metadata["resourceVersion"] ? true : undefined,
    );
    await cable.cut();
    const applies = Array.from({ length: 40 }, (_, index) =>
      client.apply(configMap(place.namespace, `cable-${index}`, { v: "1" }), options),
    );
    while (!told.some((message) => message.includes("is away"))) await new Promise((resolve) => setImmediate(resolve));
    await cable.plug();
    assert.equal((await Promise.all(applies)).length, 40);
    await client.apply(configMap(place.namespace, "cable", { v: "2" }), options);
    assert.equal(await wait, true);
    assert.match(told.join("\n"), /is away .*ECONNREFUSED.*is back/s);
    await client.close();
    await cable.cut();
  });

  it("says soon that an API server was never there", async () => {
    const client = new KubernetesClient({
      kubeconfig: await changed((text) => text.replace(server, "https://127.0.0.1:1")),
      connectSeconds: 0,
    });
    await assert.rejects(client.list("v1", "Namespace"), /https:\/\/127.0.0.1:1 .*cannot be reached.*ECONNREFUSED/s);
    await client.close();
  });

  it("does not wait for a certificate to become right", async () => {
    const client = new KubernetesClient({
      kubeconfig: await changed((text) => text.replace(/ +certificate-authority.*\n/, "")),
    });
    await assert.rejects(client.list("v1", "Namespace"), /cannot be reached: .*certificate/s);
    await client.close();
  });

  it("says that credentials are not accepted, and never which", async () => {
    const text = await changed((old) =>
      old.replace(/client-certificate.*\n/, "token: not-a-good-token\n").replace(/ *client-key.*\n/, ""),
    );
    const client = new KubernetesClient({ kubeconfig: text });
    await assert.rejects(client.list("v1", "Namespace"), (error: Error) => {
      assert.match(error.message, /does not accept the credentials.*401.*log in again/s);
      assert.doesNotMatch(error.message, /not-a-good-token/);
      return true;
    });
    await client.close();
  });

  it("asks the credential plugin of the kubeconfig, and says which context has one that does not work", async () => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
    assert.ok(cluster && user?.certData && user.keyData);
    const pem = (text: string) => Buffer.from(text, "base64").toString();
    const status = { clientCertificateData: pem(user.certData), clientKeyData: pem(user.keyData) };
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
    const withPlugin = (command: string, args: readonly string[]) => {
      const exec = {
        apiVersion: credential.apiVersion,
        interactiveMode: "Never",
        command,
        args,
        env: [{ name: "CREDENTIAL", value: JSON.stringify(credential) }],
      };
      const { name, server: address, caData } = cluster;
      return new KubernetesClient({
        kubeconfig: JSON.stringify({
          clusters: [{ name, cluster: { server: address, "certificate-authority-data": caData } }],
          contexts: [{ name: "by-plugin", context: { cluster: name, user: "plugin" } }],
          users: [{ name: "plugin", user: { exec } }],
          "current-context": "by-plugin",
        }),
      });
    };
    const client = withPlugin(process.execPath, ["-p", "process.env.CREDENTIAL"]);
    assert.ok((await client.list("v1", "Namespace")).length > 0);
    await client.close();
    const broken = withPlugin("no-such-plugin", []);
    await assert.rejects(
      broken.list("v1", "Namespace"),
      /no credentials for .*no-such-plugin.*"by-plugin".*run that by hand/s,
    );
    await broken.close();
  });

  it("names the contexts there are when one is missing, and shows nothing of a broken kubeconfig", () => {
    assert.throws(
      () => new KubernetesClient({ kubeconfig, context: "prod" }),
      /no usable context "prod".*it has: \w+/s,
    );
    assert.throws(
      () => new KubernetesClient({ kubeconfig: "users:\n- token: 'secret" }),
      (error: Error) => error.name === "UserError" && !`${error.stack} ${String(error.cause)}`.includes("secret"),
    );
    assert.throws(() => new KubernetesClient({ kubeconfig: "/nowhere/kubeconfig" }), /no kubeconfig at \/nowhere/);
  });
});
