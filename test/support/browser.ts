/** Debian's Chromium without a screen, for pages on loopback and in files. */
import { createHash, X509Certificate } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { launch, type Browser } from "puppeteer-core";
import { ensureDebian } from "../../tools/debian.ts";

/** @param certFile of a server that it is to trust, beside those that it trusts anyway. */
export async function startBrowser(certFile?: string): Promise<Browser> {
  const progress = (message: string): void => void process.stdout.write(`    ${message}\n`);
  const { root, env } = await ensureDebian(["chromium"], progress);
  const trusted = certFile === undefined ? [] : [`--ignore-certificate-errors-spki-list=${await keyDigest(certFile)}`];
  return await launch({
    // Mocha's limits are the only ones: a machine with much else to do is slow.
    timeout: 0,
    protocolTimeout: 0,
    executablePath: path.join(root, "usr/lib/chromium/chromium"),
    env: { ...process.env, ...env },
    args: [
      ...trusted,
      // Its sandbox needs a setuid helper or user namespaces; what it opens here is ours.
      "--no-sandbox",
      "--disable-gpu",
      // Containers have little of it.
      "--disable-dev-shm-usage",
    ],
  });
}

async function keyDigest(certFile: string): Promise<string> {
  const { publicKey } = new X509Certificate(await fs.readFile(certFile));
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
