/**
 * `kf promote` that is killed by SIGKILL as soon as it has written its Nth file (1: the note of what has begun).
 * Arguments: root of the checkout, from, to, N, and names to acknowledge.
 */
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { promote as Promote } from "../../../cli/promote/promote.ts";

const [root = "", from = "", to = "", count = "1", ...acknowledge] = process.argv.slice(2);
// Of the checkout: its stacks are beside it.
const { promote } = (await import(pathToFileURL(path.join(root, "cli", "promote", "promote.ts")).href)) as {
  readonly promote: typeof Promote;
};
const { KF_STATE_DIR: stateDir = "" } = process.env;
let left = Number(count);
const written = (): void => {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
};
await promote({
  ...{ root, stateDir, from, to, acknowledge, written },
  ...{ waivers: {}, engine: "offline", dryRun: false, quiet: true },
});
