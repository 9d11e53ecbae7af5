import type { GpuPoolSettings } from "../../components/shared/cloud-settings.ts";
import { UserError } from "../../shared/errors.ts";

/** A pool that a cloud has no machine for; `kf preview` says what it has. */
export function noSuchMachine(cloud: string, pool: GpuPoolSettings, path: string): UserError {
  const { gpu, gpusPerNode, machineType } = pool;
  const asked = `${String(gpusPerNode)} ${gpu}${machineType === undefined ? "" : ` in ${machineType}`}`;
  return new UserError(
    `${path}: ${asked}; allowed: a machine that ${cloud} has. kf preview lists them: correct the pool`,
    {
      exitCode: 2,
    },
  );
}
