/**
 * Runs the program of a stack under Pulumi's own test monitor instead of our engine, and prints what it registers: one
 * JSON list of {urn, custom, inputs}. Configuration and project come from the environment, as the SDK reads them.
 */
import * as pulumi from "@pulumi/pulumi";
import rpc from "@pulumi/pulumi/runtime/rpc.js";

const registered: unknown[] = [];
/** What stands for everything made at random: it is secret wherever it goes. */
const made = { result: "made", bcryptHash: "made", hex: "6d", b64Std: "bQ==", b64Url: "bQ" };
const [project = "", stack = ""] = process.argv.slice(2);

await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, custom, inputs }) => {
      registered.push({ type, name, custom, inputs: masked(inputs as Record<string, unknown>) });
      const state = inputs as Record<string, unknown>;
      return { id: `${name}-id`, state: type.startsWith("random:") ? { ...state, ...made } : state };
    },
    call: () => ({}),
  },
  project,
  stack,
  false,
);
await import("../../../stacks/index.ts");
await pulumi.runtime.disconnect();
process.stdout.write(JSON.stringify(registered));

/** Top-level properties that are or hold a secret are masked whole. */
function masked(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, rpc.isRpcSecret(value) ? "[secret]" : value]),
  );
}
