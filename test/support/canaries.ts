/** Secrets that a test knows, and the search for them, in whatever form they may have left the program. */
import fs from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

/** A secret in one of its forms. */
interface Needle {
  readonly name: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export interface Leak {
  /** Of the secret: messages of a test never show its value. */
  readonly name: string;
  readonly form: string;
  /** What it was found in. */
  readonly place: string;
}

/** Shorter texts are found by chance. */
const minBytes = 8;
/** A line of a larger text, such as a key in PEM. */
const minLine = 16;
const everyday = /^-----(BEGIN|END) [A-Z ]+-----$/;

/** Finds any of many secrets in bytes, in one pass over them. */
export class Canaries {
  readonly #byStart = new Map<number, Needle[]>();
  /** Whether a needle may begin with these four bytes, by their hash: nearly always none does. */
  readonly #starts = new Uint8Array(2 ** 22);
  readonly #known = new Set<string>();
  readonly #names = new Set<string>();

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** From here on, the value is searched for, with its lines where it has several. */
  add(name: string, value: string): void {
    const lines = value.split("\n").map((line) => line.trim());
    const parts = lines.length === 1 ? [] : lines.filter((line) => line.length >= minLine && !everyday.test(line));
    for (const text of [value.trim(), ...parts]) for (const needle of formsOf(name, text)) this.#add(needle);
    if (value.trim().length >= minBytes) this.#names.add(name);
  }

  /** @returns each secret and form once. */
  find(place: string, content: Uint8Array | string): readonly Leak[] {
    const bytes =
      typeof content === "string"
        ? Buffer.from(content)
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const found = new Map<string, Leak>();
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      start = ((start << 8) | (bytes[at] ?? 0)) >>> 0;
      if (this.#starts[hash(start)] === 0) continue;
      for (const { name, form, bytes: needle } of this.#byStart.get(start) ?? []) {
        if (bytes.compare(needle, 0, needle.length, at - 3, Math.min(at - 3 + needle.length, bytes.length)) !== 0)
          continue;
        found.set(`${name} ${form}`, { name, form, place });
      }
    }
    return [...found.values()];
  }

  /**
   * Searches every file below a folder, names included; links are not followed, and what is packed by gzip is unpacked.
   *
   * @param isPassedOver of a path below the folder: what may hold secrets.
   */
  findBelow(folder: string, isPassedOver: (file: string) => boolean = () => false): readonly Leak[] {
    return filesBelow(folder, "", isPassedOver).flatMap((name) => {
      const file = path.join(folder, name);
      return [...this.find(file, unpacked(fs.readFileSync(file))), ...this.find(`name of ${file}`, name)];
    });
  }

  #add(needle: Needle): void {
    const key = needle.bytes.toString("latin1");
    if (needle.bytes.length < minBytes || this.#known.has(key)) return;
    this.#known.add(key);
    const start = needle.bytes.readUInt32BE(0);
    this.#starts[hash(start)] = 1;
    const same = this.#byStart.get(start) ?? [];
    this.#byStart.set(start, [...same, needle]);
  }
}

const hash = (start: number): number => Math.imul(start, 0x9e3779b1) >>> 10;

function filesBelow(folder: string, below: string, isPassedOver: (file: string) => boolean): readonly string[] {
  return fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    if (isPassedOver(name)) return [];
    return entry.isDirectory() ? filesBelow(folder, name, isPassedOver) : entry.isFile() ? [name] : [];
  });
}

function unpacked(content: Buffer): Buffer {
  return content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content;
}

function* formsOf(name: string, text: string): Generator<Needle> {
  const json = JSON.stringify(text).slice(1, -1);
  const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  const encoded = Buffer.from(text).toString("base64");
  const forms: Readonly<Record<string, string>> = {
    plain: text,
    JSON: json,
    "JSON in JSON": JSON.stringify(json).slice(1, -1),
    URL: encodeURIComponent(text),
    HTML: html,
    hex: Buffer.from(text).toString("hex"),
    "base64 of base64": Buffer.from(encoded).toString("base64"),
  };
  for (const [form, value] of Object.entries(forms)) yield { name, form, bytes: Buffer.from(value) };
  for (const before of [0, 1, 2]) {
    for (const encoding of ["base64", "base64url"] as const)
      yield { name, form: `${encoding} of a text with it`, bytes: withinEncoded(text, before, encoding) };
  }
}

/** What base64 of a longer text has of this one, whatever is around it, when so many bytes (modulo 3) are before it. */
function withinEncoded(text: string, before: number, encoding: "base64" | "base64url"): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const whole = bytes.toString(encoding);
  return Buffer.from(whole.slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3)));
}
