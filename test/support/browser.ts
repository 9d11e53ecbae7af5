/** Debian's Chromium without a screen, for pages on loopback. */
import { createHash, X509Certificate } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { launch, type Browser } from "puppeteer-core";
import { ensureDebian } from "../../tools/debian.ts";

/** @param certFile of the server that it is to trust, beside those that it trusts anyway. */
export async function startBrowser(certFile: string): Promise<Browser> {
  const progress = (message: string): void => void process.stdout.write(`    ${message}\n`);
  const { root, env } = await ensureDebian(["chromium"], progress);
  const { publicKey } = new X509Certificate(await fs.readFile(certFile));
  const key = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" }));
  return await launch({
    // Mocha's limits are the only ones: a machine with much else to do is slow.
    timeout: 0,
    protocolTimeout: 0,
    executablePath: path.join(root, "usr/lib/chromium/chromium"),
    env: { ...process.env, ...env },
    args: [
      `--ignore-certificate-errors-spki-list=${key.digest("base64")}`,
      // Its sandbox needs a setuid helper or user namespaces; what it opens here is ours.
      "--no-sandbox",
      "--disable-gpu",
      // Containers have little of it.
      "--disable-dev-shm-usage",
    ],
  });
}
