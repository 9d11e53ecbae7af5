/**
 * Requests answered so far, by verb and status: `{"PATCH 201": 640, "PATCH 409": 1}`. A lost connection has status 0; the
 * verb of a dry run is `DRY-RUN`.
 */
export type RequestStats = Readonly<Record<string, number>>;

export function emptyStats(): RequestStats {
  return {};
}

export function addStats(left: RequestStats, right: RequestStats): RequestStats {
  const sum: Record<string, number> = { ...left };
  for (const [key, count] of Object.entries(right)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

/** Requests that change something, dry runs excluded. */
export function writes(stats: RequestStats): number {
  return total(stats, (verb) => ["POST", "PUT", "PATCH", "DELETE"].includes(verb));
}

/**
 * Requests that were refused. A 404 to GET or DELETE is an answer, not a failure (how else to learn that a thing is
 * gone), and a lost connection (0), 429 and 5xx are the server's and were repeated.
 */
export function refused(stats: RequestStats): number {
  return total(
    stats,
    (verb, status) => status >= 400 && status < 500 && status !== 429 && !(status === 404 && verb !== "PATCH"),
  );
}

function total(stats: RequestStats, wanted: (verb: string, status: number) => boolean): number {
  let sum = 0;
  for (const [key, count] of Object.entries(stats)) {
    const [verb = "", status = "0"] = key.split(" ");
    if (wanted(verb, Number(status))) sum += count;
  }
  return sum;
}
