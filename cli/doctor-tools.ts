/** The programs that we run. Nothing is installed here. */
import { execa } from "execa";
import { locateTool, type Located } from "../tools/locate.ts";
import { sandboxTools } from "../tools/tools.ts";
import { toolVersions, type ToolName } from "../tools/versions.ts";
import { missing, ok, warn, type Finding, type Probe } from "./doctor-probe.ts";

/** What the main job runs; the others have uses of their own. */
const needed: readonly ToolName[] = ["kustomize", ...sandboxTools];
const optional: Readonly<Partial<Record<ToolName, string>>> = {
  helm: "npx kf tools installs it; only charts need it",
  pulumi: "pulumi.com/docs/install; only --engine pulumi needs it",
};

/** Looks for every tool once, however many ask. */
export class Tools {
  readonly #located = new Map<ToolName, Promise<Located>>();

  locate(name: ToolName): Promise<Located> {
    const located = this.#located.get(name) ?? locateTool(name);
    this.#located.set(name, located);
    return located;
  }

  /** Whether nothing has to be downloaded or built any more. */
  async allThere(): Promise<boolean> {
    const located = await Promise.all(needed.map((name) => this.locate(name)));
    return located.every(({ found }) => found !== undefined);
  }
}

export function toolProbes(tools: Tools): readonly Probe[] {
  const names = [...needed, ...(Object.keys(optional) as ToolName[])];
  return [
    ...names.map((name) => ({
      name,
      wanted: toolVersions[name].accepted,
      look: async () => describeTool(await tools.locate(name), optional[name]),
    })),
    { name: "go", wanted: "1.24 or newer, if the sandbox's tools have to be built", look: () => lookAtGo(tools) },
  ];
}

/** @param unneeded what to do about one that the main job does without. */
function describeTool({ found, ignored }: Located, unneeded: string | undefined): Finding {
  if (found !== undefined) return ok(`${found.version}, ${found.path}`);
  const [other] = ignored;
  const seen = other === undefined ? "not found" : `${other.version ?? "no version told"}, ${other.path}: not used`;
  return unneeded === undefined ? missing(seen, "npx kf tools downloads or builds it") : warn(seen, unneeded);
}

async function lookAtGo(tools: Tools): Promise<Finding> {
  const [{ stdout, failed }, allThere] = await Promise.all([
    execa("go", ["version"], { reject: false, stdin: "ignore" }),
    tools.allThere(),
  ]);
  if (!failed) return ok(/go(\d[\w.]*)/.exec(stdout)?.[1] ?? stdout);
  if (allThere) return ok("not found, and not needed");
  // KWOK is released without checksums, so it is always built.
  return missing("not found", "install Go (go.dev/dl), or name a folder that holds the tools in KF_SANDBOX_BIN");
}
