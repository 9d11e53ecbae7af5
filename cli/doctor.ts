/** Everything that `kf doctor` looks at. */
import { sandboxStatus } from "../sandbox/sandbox.ts";
import { machineProbes } from "./doctor-machine.ts";
import { networkProbes } from "./doctor-network.ts";
import { ok, runProbes, warn, type Check, type Finding } from "./doctor-probe.ts";
import { toolProbes, Tools } from "./doctor-tools.ts";

/** Looks at this machine and changes nothing. Takes about two seconds at most. */
export async function diagnose(): Promise<readonly Check[]> {
  const tools = new Tools();
  return runProbes([
    ...machineProbes(() => tools.allThere()),
    ...toolProbes(tools),
    ...networkProbes(process.env["KF_MIRROR"]),
    { name: "sandbox", wanted: "running", look: lookAtSandbox },
  ]);
}

async function lookAtSandbox(): Promise<Finding> {
  const sandbox = await sandboxStatus();
  if (sandbox === undefined) return warn("none yet", "npx kf sandbox start, or npm start for Kubeflow in it");
  const { running, kubernetesVersion, apiServer, components } = sandbox;
  if (running) return ok(`Kubernetes ${kubernetesVersion}, ${apiServer}`);
  const down = components.filter((component) => !component.running).map(({ name }) => name);
  const found = down.length === 0 ? "not ready" : `not running: ${down.join(", ")}`;
  return warn(found, "npx kf sandbox start; its data is kept");
}
