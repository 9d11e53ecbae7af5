import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parse as parseYaml } from "yaml";
import * as z from "zod";
import { messageOf, UserError } from "../shared/errors.ts";
import { errorCode } from "./files.ts";

const type = z.looseObject({
  type: z.enum(["string", "integer", "number", "boolean", "array", "object"]).optional(),
  get items() {
    return type.optional();
  },
});

const declaration = z.strictObject({
  ...type.shape,
  description: z.string().optional(),
  default: z.unknown().optional(),
  value: z.unknown().optional(),
  secret: z.boolean().optional(),
});

/** What a project file may say beside what is read here: it tells about the project, or is the Pulumi CLI's alone. */
const unread = new Set("description runtime author website license template plugins backend".split(" "));

const projectFile = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  main: z.string().optional(),
  stackConfigDir: z.string().optional(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), declaration])).optional(),
});

/** A key of the `config:` block of Pulumi.yaml. */
type ConfigDeclaration = z.infer<typeof declaration>;
export type ConfigType = z.infer<typeof type>;

/** Whether a key's value is a secret. One with a default cannot say so but in its description: `set with --secret`. */
export function isSecretKey({ secret, description }: ConfigDeclaration): boolean {
  return secret === true || description?.includes("--secret") === true;
}

export interface Project {
  readonly root: string;
  readonly name: string;
  /** The folder that the program runs in, and the program as seen from there. */
  readonly program: { readonly pwd: string; readonly entry: string };
  /** Where the stacks' config files are. */
  readonly configDir: string;
  /** Declared keys, with their namespace: `kubeflow:gpuNodes`. Empty: anything goes. */
  readonly config: Readonly<Record<string, ConfigDeclaration>>;
  /** Keys of the file that change what the Pulumi CLI does, and that the offline engine does not follow. */
  readonly unsupported: readonly string[];
}

/** Reads and checks `Pulumi.yaml`. @throws UserError (wrong usage) with the path in the file. */
export async function loadProject(root: string): Promise<Project> {
  const file = path.join(root, "Pulumi.yaml");
  const parsed = projectFile.safeParse(await readYaml(file));
  if (!parsed.success) throw new UserError(`${file}: ${z.prettifyError(parsed.error)}`, { exitCode: 2 });
  const { name, main, stackConfigDir = ".", config = {}, ...others } = parsed.data;
  const declared = Object.entries(config).map(([key, value]) => [
    key.includes(":") ? key : `${name}:${key}`,
    typeof value === "object" ? value : { value },
  ]);
  return {
    root,
    name,
    program: await locateProgram(root, main),
    configDir: path.resolve(root, stackConfigDir),
    config: Object.fromEntries(declared) as Record<string, ConfigDeclaration>,
    unsupported: Object.keys(others).filter((key) => !unread.has(key)),
  };
}

/** As the Pulumi CLI does it: a `main` that is a file runs in its own folder. */
async function locateProgram(root: string, main: string | undefined): Promise<Project["program"]> {
  if (main === undefined) return { pwd: root, entry: "." };
  const target = path.resolve(root, main);
  const info = await stat(target).catch((cause: unknown) => {
    throw new UserError(`Pulumi.yaml: main: ${main} does not exist below ${root}`, { exitCode: 2, cause });
  });
  return info.isDirectory() ? { pwd: target, entry: "." } : { pwd: path.dirname(target), entry: path.basename(target) };
}

/** The stacks that have a config file. */
export async function configuredStacks(project: Project): Promise<readonly string[]> {
  const names = await readdir(project.configDir).catch(() => []);
  return names.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
}

/** @returns undefined when there is no such file. */
export async function readStackYaml(project: Project, stack: string): Promise<unknown> {
  const file = path.join(project.configDir, `Pulumi.${stack}.yaml`);
  return (await configuredStacks(project)).includes(stack) ? ((await readYaml(file)) ?? {}) : undefined;
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(file, "utf8")) as unknown;
  } catch (cause) {
    // The first line says what is wrong and where; the others quote the file, in which secrets may stand.
    const [message = ""] = messageOf(cause).split("\n");
    const reason = errorCode(cause) === "ENOENT" ? "no such file" : message.replace(/:$/, "");
    throw new UserError(`${file}: ${reason}`, { exitCode: 2, cause });
  }
}
