/** Certificates of a test's own authority, for servers on loopback. */
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { ensureDebian } from "../../tools/debian.ts";

export interface Certificates {
  /** The authority, as PEM. */
  readonly ca: string;
  readonly caFile: string;
  /** Of a server that calls itself `localhost` and `127.0.0.1`. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority, and a server's certificate by it, good for a day, in the folder. */
export async function issueCertificates(folder: string): Promise<Certificates> {
  await fs.mkdir(folder, { recursive: true });
  const file = (name: string): string => path.join(folder, name);
  const { env } = await ensureDebian(["openssl"], () => undefined);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    await execa("openssl", args, { env, cwd: folder, stdin: "ignore" });
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];
  const config = [
    "[req]\ndistinguished_name = name\n[name]\n",
    "[ca]\nbasicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign\n",
    "[server]\nsubjectAltName = DNS:localhost, IP:127.0.0.1\nextendedKeyUsage = serverAuth\n",
  ];
  await fs.writeFile(file("openssl.cnf"), config.join(""));
  const made = ["-config", "openssl.cnf", "-days", "1", "-x509", ...key];
  await openssl("req", ...made, "-extensions", "ca", "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-extensions", "server", "-subj", "/CN=localhost"];
  await openssl("req", ...made, ...signed, "-keyout", "server.key", "-out", "server.crt");
  return {
    ca: await fs.readFile(file("ca.crt"), "utf8"),
    caFile: file("ca.crt"),
    certFile: file("server.crt"),
    keyFile: file("server.key"),
  };
}
