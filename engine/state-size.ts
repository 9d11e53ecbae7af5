import { makeDeployment, type Deployment } from "./deployment.ts";
import { sdkOf } from "./program.ts";
import { loadProject } from "./project.ts";
import { StackStore } from "./store.ts";

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
export async function exportState({ projectRoot, stateDir, stack }: StateOptions): Promise<Deployment | undefined> {
  const project = await loadProject(projectRoot);
  const { version } = sdkOf(project);
  const { state, secrets } = await StackStore.open({ stateDir, project: project.name, stack, version, readOnly: true });
  return secrets && makeDeployment(state.resources, [...state.pending.values()], secrets, version);
}
