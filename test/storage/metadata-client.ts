/** ML Metadata's own client, the library that its server is made of, from PyPI in an environment of its own. */
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { cacheDir } from "../../shared/paths.ts";
import { withLock } from "../../tools/lock.ts";

/** The nearest to the server's 1.14.0 that PyPI has for a Python that is still about. */
const requirement = "ml-metadata==1.15.0";

/** Reads a MetadataStoreServerConfig as the server does, and connects as it says. */
const program = `
import sys
from google.protobuf import text_format
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
config = text_format.Parse(open(sys.argv[1]).read(), metadata_store_pb2.MetadataStoreServerConfig())
try:
    store = metadata_store.MetadataStore(config.connection_config)
    store.get_artifact_types()
    print("connected")
except Exception as error:
    print("refused:", error)
`;

/** The client, or why there is none. */
export async function metadataClient(): Promise<{ readonly connect: (config: string) => Promise<string> } | string> {
  const folder = cacheDir("test-python", requirement);
  const python = path.join(folder, "bin", "python");
  try {
    await withLock(
      `${folder}.lock`,
      () => undefined,
      async () => {
        if ((await execa(python, ["-c", "import ml_metadata"], { reject: false })).failed) await install(folder);
      },
    );
  } catch (error) {
    return `${requirement} cannot be installed: ${String(error).split("\n")[0] ?? ""}`;
  }
  return { connect: async (config) => (await execa(python, ["-c", program, config], { timeout: 60_000 })).stdout };
}

async function install(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true });
  await execa("python3", ["-m", "venv", folder]);
  await execa(path.join(folder, "bin", "pip"), ["install", "--quiet", "--only-binary", ":all:", requirement]);
}
