/** Packages of Python that carry a cloud's models: downloaded once, by hash, and read as the zip files that they are. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { cacheDir } from "../../shared/paths.ts";
import { withLock } from "../../tools/lock.ts";

const requirements = path.join(import.meta.dirname, "requirements.txt");

export interface Wheel {
  /** `botocore 1.44.5` */
  readonly title: string;
  /** Contents of one member. @throws if there is none of that name. */
  read(member: string): Promise<Buffer>;
  /** Names of all members. */
  list(): Promise<readonly string[]>;
}

/** Why no wheel can be read on this machine; undefined when one can. */
export async function whyNoWheels(): Promise<string | undefined> {
  const { failed } = await execa("python3", ["-m", "pip", "--version"], { reject: false, stdin: "ignore" });
  return failed ? "there is no python3 with pip on PATH" : undefined;
}

/**
 * Opens a package of requirements.txt. pip finds it by its own configuration, and refuses it if it is not the one whose
 * hash is written there.
 *
 * @param name of the wheel's file, with `_` for `-`: `google_api_python_client`.
 */
export async function openWheel(name: string): Promise<Wheel> {
  downloading ??= downloaded();
  const folder = await downloading;
  const file = (await fs.readdir(folder)).find((entry) => entry.startsWith(`${name}-`));
  if (file === undefined) throw new Error(`${requirements} does not bring ${name}`);
  const wheel = path.join(folder, file);
  let members: Promise<readonly string[]> | undefined;
  return {
    title: file.split("-", 2).join(" "),
    read: async (member) => await python(readMember, wheel, member),
    list: () => (members ??= python(listMembers, wheel).then((names) => names.toString("utf8").split("\n"))),
  };
}

let downloading: Promise<string> | undefined;

const readMember = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
const listMembers = String.raw`import sys, zipfile; sys.stdout.write("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))`;

async function python(program: string, ...args: readonly string[]): Promise<Buffer> {
  const { stdout } = await execa("python3", ["-c", program, ...args], { encoding: "buffer", stdin: "ignore" });
  return Buffer.from(stdout);
}

/** @returns the folder of the wheels, one for each state of requirements.txt. */
async function downloaded(): Promise<string> {
  const version = createHash("sha256")
    .update(await fs.readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const folder = cacheDir("models", version);
  const waiting = (pid: number) => console.log(`wait for process ${pid}, which downloads the clouds' models`);
  return await withLock(`${folder}.lock`, waiting, async () => {
    // It appears when it is whole, and not before.
    if (await fs.stat(folder).catch(() => undefined)) return folder;
    const temporary = await fs.mkdtemp(`${folder}.downloading-`);
    try {
      const only = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check"];
      await execa("python3", ["-m", "pip", "download", ...only, "-r", requirements, "-d", temporary], {
        stdin: "ignore",
      });
      await fs.rename(temporary, folder);
    } finally {
      await fs.rm(temporary, { recursive: true, force: true });
    }
    return folder;
  });
}
