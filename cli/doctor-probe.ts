/** Looks at this machine, all checks at once, none of them for longer than a moment. */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../shared/errors.ts";

/** `warn`: something is not as it could be, and the main job does without it. `missing`: it does not. */
export type Status = "ok" | "warn" | "missing";

export interface Finding {
  readonly status: Status;
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface Check extends Finding {
  readonly name: string;
  readonly wanted: string;
}

/** One thing to look at. */
export interface Probe {
  readonly name: string;
  readonly wanted: string;
  /** @param signal aborted when there is no more time. */
  readonly look: (signal: AbortSignal) => Promise<Finding>;
}

export const ok = (found: string): Finding => ({ status: "ok", found });
export const warn = (found: string, remedy: string): Finding => ({ status: "warn", found, remedy });
export const missing = (found: string, remedy: string): Finding => ({ status: "missing", found, remedy });

/** @param timeoutMs what a probe may take before it is reported as having no answer. */
export async function runProbes(probes: readonly Probe[], timeoutMs = 2_000): Promise<readonly Check[]> {
  return Promise.all(
    probes.map(async ({ name, wanted, look }) => {
      const { status, found, remedy } = await looked(look, timeoutMs);
      return { name, status, found, wanted, ...(remedy === undefined ? {} : { remedy }) };
    }),
  );
}

async function looked(look: Probe["look"], timeoutMs: number): Promise<Finding> {
  const stop = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: stop.signal }).then(
    () => warn(`no answer in ${timeoutMs / 1000} s`, "run kf doctor again when the machine is less busy"),
    () => warn("stopped", "run kf doctor again"),
  );
  try {
    return await Promise.race([look(AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)])), timeout]);
  } catch (error) {
    return warn(`cannot tell: ${messageOf(error)}`, "run kf doctor again; if it stays, report it");
  } finally {
    stop.abort();
  }
}
