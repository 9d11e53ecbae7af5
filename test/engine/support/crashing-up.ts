import { World } from "./fake-provider.ts";
import { runOperation } from "../../../engine/operations.ts";

/** An `up` in a process of its own, to be killed: `node crashing-up.ts <project root> <state> <world> <count>`. */
const [projectRoot = "", stateDir = "", world = "", count = ""] = process.argv.slice(2);
await runOperation("up", {
  projectRoot,
  stack: "dev",
  stateDir,
  providers: { test: new World(world).factory },
  config: { "many:count": count, "many:milliseconds": "20" },
  parallel: 4,
  skipPlan: true,
  onEvent(event) {
    if (event.kind === "step-finished") process.stdout.write(`${event.step.urn}\n`);
  },
});
