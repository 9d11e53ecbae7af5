import { readFile } from "node:fs/promises";
import { isMap, isScalar, isSeq, parseDocument, type Document } from "yaml";
import { fetchUnverified, type FetchedSource } from "./fetch.ts";
import { renderSources, type RenderOptions } from "./render.ts";

/**
 * Fetches and renders a release without comparing it to its lock, and adds what was found to the lock: a digest per
 * source, and one per CRD style for the whole. What the lock had stays, comments included.
 *
 * @returns the text of the lock, for a person to review before it replaces the file.
 */
export async function lockRelease(options: Omit<RenderOptions, "crds">): Promise<string> {
  const { lock } = options;
  const sources = await fetchUnverified(options);
  const lean = await renderSources({ ...options, crds: "lean" }, sources);
  const full = await renderSources({ ...options, crds: "full" }, sources);
  const document = parseDocument(await readFile(lock.file, "utf8"));
  for (const [index, source] of sources.entries()) {
    if (source.origin !== undefined) addSourceDigest(document, index, { ...source, origin: source.origin });
  }
  const origin = sources.some((source) => source.origin === "mirror") ? "mirror" : "upstream";
  const entry = { origin, lean: lean.digest, full: full.digest };
  addEntry(document, ["rendered"], entry, "lean");
  return document.toString({ lineWidth: 0 });
}

function addSourceDigest(document: Document, index: number, source: FetchedSource): void {
  addEntry(document, ["sources", index, "digests"], { origin: source.origin, sha256: source.sha256 }, "sha256");
}

/** Appends unless an entry with the same digest is there. */
function addEntry(
  document: Document,
  path: readonly (string | number)[],
  entry: Readonly<Record<string, unknown>>,
  digestKey: string,
): void {
  const list = document.getIn(path);
  if (!isSeq(list)) {
    document.setIn(path, document.createNode([entry]));
    return;
  }
  const known = list.items.some((item) => isMap(item) && valueOf(item.get(digestKey)) === entry[digestKey]);
  if (!known) list.add(document.createNode(entry));
}

function valueOf(node: unknown): unknown {
  return isScalar(node) ? node.value : node;
}
