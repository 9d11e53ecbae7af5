/** Where a release comes from: the cache, the mirror, the network. */
import { stat } from "node:fs/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import { loadLock } from "../release/lock.ts";
import { isFolder } from "../release/tree.ts";
import { messageOf } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import { configSchema } from "../stacks/config.ts";
import { missing, ok, warn, type Finding, type Probe } from "./doctor-probe.ts";

/** @param mirror as `KF_MIRROR` has it. */
export function networkProbes(mirror: string | undefined): readonly Probe[] {
  const release = configSchema.shape.release.parse(undefined);
  return [
    {
      name: "mirror",
      wanted: "KF_MIRROR not set, or a folder or URL that answers",
      look: (signal) => lookAtMirror(mirror, signal),
    },
    {
      name: "release source",
      wanted: `release ${release} in the cache, in the mirror or reachable`,
      look: (signal) => lookAtSource(release, mirror, signal),
    },
  ];
}

export async function lookAtMirror(mirror: string | undefined, signal: AbortSignal): Promise<Finding> {
  if (mirror === undefined) return ok("not set");
  const remedy = "correct KF_MIRROR, or unset it to fetch from upstream";
  if (/^https?:\/\//.test(mirror)) {
    const problem = await unreachable(mirror, signal);
    return problem === undefined ? ok(mirror) : missing(`${mirror}: ${problem}`, remedy);
  }
  const folder = await stat(mirror).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return folder ? ok(mirror) : missing(`${mirror}: no folder on this machine`, remedy);
}

async function lookAtSource(release: string, mirror: string | undefined, signal: AbortSignal): Promise<Finding> {
  const { sources } = await loadLock(release);
  const remote = sources.filter((source) => "url" in source);
  const cached = await Promise.all(
    remote.map(async ({ digests }) =>
      (await Promise.all(digests.map(({ sha256 }) => isFolder(cacheDir("sources", sha256))))).some(Boolean),
    ),
  );
  if (cached.every(Boolean)) return ok(`release ${release} is in the cache`);
  const [first] = remote;
  if (first === undefined) return ok(`release ${release} comes with the project`);
  const { origin, host } = new URL(first.url);
  const problem = await unreachable(origin, signal);
  if (problem === undefined) return ok(`${host} answers`);
  return mirror === undefined
    ? missing(`${host}: ${problem}`, "check network and proxy (HTTPS_PROXY), or set KF_MIRROR to a mirror of it")
    : warn(`${host}: ${problem}`, "nothing, as long as the mirror has every file of the release");
}

/** Why nothing answers there; any HTTP answer at all will do. */
async function unreachable(url: string, signal: AbortSignal): Promise<string | undefined> {
  const dispatcher = new EnvHttpProxyAgent();
  // Shorter than a probe's time, so that the answer says what was tried.
  const soon = AbortSignal.any([signal, AbortSignal.timeout(1_500)]);
  try {
    await fetch(url, { method: "HEAD", redirect: "manual", dispatcher, signal: soon });
    return undefined;
  } catch (error) {
    if (soon.aborted) return "does not answer";
    return `does not answer (${error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)})`;
  } finally {
    await dispatcher.destroy();
  }
}
