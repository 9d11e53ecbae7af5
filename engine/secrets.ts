import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { UserError } from "../shared/errors.ts";
import { createExclusively } from "./files.ts";

/**
 * Pulumi's `passphrase` secrets provider: a key by PBKDF2-HMAC-SHA256, values by AES-256-GCM. Its state is a salt with
 * the word "pulumi" encrypted behind it, by which a wrong passphrase is told.
 */
export class PassphraseSecrets {
  /** `v1:<salt>:v1:<nonce>:<ciphertext>`, the `encryptionsalt` of a stack's config and of its state. */
  readonly salt: string;
  readonly #key: Buffer;
  /** Ciphertext by scope and plaintext, so that an unchanged secret keeps its ciphertext. */
  readonly #known = new Map<string, string>();

  private constructor(key: Buffer, salt: string) {
    this.#key = key;
    this.salt = salt;
  }

  /**
   * @param salt of an existing stack; without one a new salt is made.
   * @throws UserError when the passphrase does not fit the salt.
   */
  static async open(passphrase: Passphrase, salt?: string): Promise<PassphraseSecrets> {
    if (salt === undefined) {
      const bytes = randomBytes(8);
      const key = await deriveKey(passphrase.text, bytes);
      return new PassphraseSecrets(key, `v1:${bytes.toString("base64")}:${seal(key, "pulumi")}`);
    }
    const [version, bytes, ...proof] = salt.split(":");
    if (version !== "v1" || bytes === undefined || proof.length !== 3)
      throw new UserError(`Unknown encryption salt: ${salt}`);
    const key = await deriveKey(passphrase.text, Buffer.from(bytes, "base64"));
    const secrets = new PassphraseSecrets(key, salt);
    try {
      if (unseal(key, proof.join(":")) === "pulumi") return secrets;
    } catch {
      // The tag does not fit: another key.
    }
    throw new UserError(
      `Wrong passphrase (from ${passphrase.source}): it does not open this stack's secrets. ` +
        "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one the stack was made with.",
    );
  }

  /** @param scope what the secret belongs to: only within one scope do equal secrets look equal. */
  encrypt(plaintext: string, scope: string): string {
    const known = this.#known.get(`${scope}\n${plaintext}`);
    if (known !== undefined) return known;
    const ciphertext = seal(this.#key, plaintext);
    this.#known.set(`${scope}\n${plaintext}`, ciphertext);
    return ciphertext;
  }

  decrypt(ciphertext: string, scope: string): string {
    const plaintext = unseal(this.#key, ciphertext);
    this.#known.set(`${scope}\n${plaintext}`, ciphertext);
    return plaintext;
  }
}

const iterations = 1_000_000;

/** Half a second each: a stack's config and its state usually have the same salt. */
const derived = new Map<string, Promise<Buffer>>();

function deriveKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  const name = `${salt.toString("base64")} ${passphrase}`;
  const key = derived.get(name) ?? promisify(pbkdf2)(passphrase, salt, iterations, 32, "sha256");
  derived.set(name, key);
  return key;
}

function seal(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function unseal(key: Buffer, message: string): string {
  const [version, nonce, sealed] = message.split(":");
  if (version !== "v1" || nonce === undefined || sealed === undefined)
    throw new UserError("A secret in an unknown format");
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}

export interface Passphrase {
  readonly text: string;
  /** Where it came from, for messages. */
  readonly source: string;
  /** Of this machine, made by us because none was given. */
  readonly generated: boolean;
}

/** The passphrase of the environment, else one made at random for this machine and kept beside the state (mode 0600). */
export async function findPassphrase(stateDir: string): Promise<Passphrase> {
  const text = process.env["PULUMI_CONFIG_PASSPHRASE"];
  if (text !== undefined) return { text, source: "PULUMI_CONFIG_PASSPHRASE", generated: false };
  const file = process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (file !== undefined) {
    const content = await readFile(file, "utf8").catch((cause: unknown) => {
      throw new UserError(`PULUMI_CONFIG_PASSPHRASE_FILE: cannot read ${file}`, { cause });
    });
    return { text: content.trim(), source: file, generated: false };
  }
  const own = path.join(stateDir, "passphrase");
  await createExclusively(own, randomBytes(32).toString("base64"));
  return { text: await readFile(own, "utf8"), source: own, generated: true };
}
