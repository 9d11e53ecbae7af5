import type { Project } from "./project.ts";
import type { Provider } from "./provider.ts";
import { StackStore } from "./store.ts";
import { stackType } from "./urn.ts";
import { Secret, type PropertyMap } from "./values.ts";

const readOnly = (): Promise<never> => Promise.reject(new Error("a stack reference is only ever read"));

/** The package `pulumi`: stack references, answered from the other stack's state. */
export function stackReferences(stateDir: string, own: Project): Provider {
  return {
    check: (_resource, _olds, news) => Promise.resolve({ inputs: news, failures: [] }),
    diff: readOnly,
    create: readOnly,
    update: readOnly,
    delete: readOnly,
    plan: () => ({ outputs: {} }),
    async read(_resource, { id, inputs }) {
      const outputs = await stackOutputs(stateDir, own, id);
      if (outputs === undefined) throw new Error(`stack ${id} has no state here: run \`up\` on it first`);
      const secretOutputNames = Object.keys(outputs).filter((name) => outputs[name] instanceof Secret);
      return { id, inputs, outputs: { name: id, outputs, secretOutputNames } };
    },
  };
}

/** @param reference `stack`, `project/stack` or `organization/project/stack`. */
async function stackOutputs(stateDir: string, own: Project, reference: string): Promise<PropertyMap | undefined> {
  const [stack = "", project = own.name] = reference.split("/").reverse();
  const store = await StackStore.open({ stateDir, project, stack, version: "", readOnly: true });
  return [...store.state.live.values()].find(({ type }) => type === stackType)?.outputs;
}
