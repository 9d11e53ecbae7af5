import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { makeDeployment, type Deployment, type SerializedResource } from "./deployment.ts";
import { masked } from "./diff.ts";
import { ifExists } from "./files.ts";
import { sdkOf } from "./program.ts";
import { loadProject } from "./project.ts";
import type { ReportValue } from "./report.ts";
import { readSnapshot, stackFiles, StackStore } from "./store.ts";
import { stackType } from "./urn.ts";

/** A stack's state between operations. */

export interface StateOptions {
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly stack: string;
}

export interface StateSize {
  /** Of the resources as exported, without white space. */
  readonly bytes: number;
  /** Largest first. */
  readonly resources: readonly { readonly urn: string; readonly bytes: number }[];
}

/** How large a stack's state is, and what makes it so. */
export async function stateSize(options: StateOptions): Promise<StateSize> {
  const { resources = [] } = (await exportState(options))?.deployment ?? {};
  const sizes = resources.map((resource) => ({
    urn: resource.urn,
    bytes: Buffer.byteLength(JSON.stringify(resource)),
  }));
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    resources: sizes.sort((a, b) => b.bytes - a.bytes),
  };
}

/** What `pulumi stack import` reads; secrets stay encrypted. @returns undefined when the stack has no state. */
export async function exportState(options: StateOptions): Promise<Deployment | undefined> {
  const { version, store } = await readStore(options);
  const { state, secrets } = store;
  return secrets && makeDeployment(state.resources, [...state.pending.values()], secrets, version);
}

/** What the program of the stack exported when it last ran. @returns undefined when the stack has no state. */
export async function stackOutputs(
  options: StateOptions & { readonly showSecrets: boolean },
): Promise<Readonly<Record<string, ReportValue>> | undefined> {
  const { store } = await readStore(options);
  const stack = [...store.state.live.values()].find(({ type }) => type === stackType);
  if (stack === undefined) return undefined;
  const entries = Object.entries(stack.outputs);
  return Object.fromEntries(entries.map(([name, value]) => [name, masked(value, options.showSecrets)]));
}

async function readStore({ projectRoot, stateDir, stack }: StateOptions) {
  const project = await loadProject(projectRoot);
  const { version } = sdkOf(project);
  const store = await StackStore.open({ stateDir, project: project.name, stack, version, readOnly: true });
  return { version, store };
}

/** The resources of a stack's last snapshot as they are on disk, secrets still encrypted; none without a state. */
export async function storedResources(options: StateOptions): Promise<readonly SerializedResource[]> {
  const { snapshot } = await filesOf(options);
  return (await readSnapshot(snapshot)).deployment?.resources ?? [];
}

/**
 * Moves the state of a stack to its backups, so that the next operation starts from nothing: for a cluster that is gone
 * with everything in it.
 *
 * @returns where the snapshot is now.
 */
export async function setAsideState(options: StateOptions): Promise<string> {
  const { snapshot, journal, backups } = await filesOf(options);
  const name = `${options.stack}-set-aside-${new Date().toISOString().replaceAll(":", "-")}`;
  const target = path.join(backups, `${name}.json`);
  await mkdir(backups, { recursive: true });
  await rename(snapshot, target);
  await ifExists(rename(journal, path.join(backups, `${name}.journal`)));
  return target;
}

async function filesOf({ projectRoot, stateDir, stack }: StateOptions): Promise<ReturnType<typeof stackFiles>> {
  return stackFiles({ stateDir, project: (await loadProject(projectRoot)).name, stack });
}
