import type { Provider } from "./provider.ts";
import type { ReadStackOutputs } from "./providers.ts";
import { Secret } from "./values.ts";

const readOnly = (): Promise<never> => Promise.reject(new Error("a stack reference is only ever read"));

/** The package `pulumi`: stack references, answered from the other stack's state. */
export function builtinProvider(readStackOutputs: ReadStackOutputs): Provider {
  return {
    check: (_resource, _olds, news) => Promise.resolve({ inputs: news, failures: [] }),
    diff: readOnly,
    create: readOnly,
    update: readOnly,
    delete: readOnly,
    plan: () => ({ outputs: {} }),
    async read(_resource, { id, inputs }) {
      const outputs = await readStackOutputs(id);
      if (outputs === undefined) throw new Error(`stack ${id} has no state here: run \`up\` on it first`);
      const secretOutputNames = Object.keys(outputs).filter((name) => outputs[name] instanceof Secret);
      return { id, inputs, outputs: { name: id, outputs, secretOutputNames } };
    },
  };
}
