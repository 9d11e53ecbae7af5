import { parse } from "yaml";
import { z } from "zod";

/** What stands for a secret that is not to be opened: there is nothing to check. */
export const closedSecret = "[secret]";

const kubeconfigSchema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string() })).min(1),
  contexts: z.array(z.looseObject({ name: z.string() })).min(1),
  "current-context": z.string().optional(),
});

/** What is wrong with a kubeconfig or with the context that is asked for; never anything of its contents but names. */
export function kubeconfigProblem(text: string | undefined, context: string | undefined): string | undefined {
  if (text === undefined || text === closedSecret) return undefined;
  const config = kubeconfigSchema.safeParse(parsed(text));
  if (!config.success) {
    return (
      "kubeflow:kubeconfig: [secret]; allowed: the contents (not the path) of a kubeconfig, with clusters and contexts. " +
      "Set it with: pulumi config set --secret kubeconfig < FILE"
    );
  }
  const wanted = context ?? config.data["current-context"];
  const known = config.data.contexts.map(({ name }) => name);
  if (wanted !== undefined && known.includes(wanted)) return undefined;
  const shown = wanted === undefined ? "not set, nor has the kubeconfig a current one" : JSON.stringify(wanted);
  return `kubeflow:context: ${shown}; allowed: ${known.join(", ")}. Set it with: pulumi config set context VALUE`;
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser's words quote what is around the mistake, and a kubeconfig holds keys.
    return undefined;
  }
}
