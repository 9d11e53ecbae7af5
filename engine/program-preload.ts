/**
 * Loaded into the program's process before the SDK: to save time, and to end with the engine. Node strips types in place, so a
 * stack trace is right as it is; the SDK takes one per property and resource, and would map each by
 * `source-map-support`: a quarter of a large program's time, and an eighth of what is left to put them into words.
 */
import Module, { createRequire, enableCompileCache } from "node:module";

enableCompileCache();
const mapper = "source-map-support/register";
const require = createRequire(process.argv[1] ?? import.meta.url);
try {
  const file = require.resolve(mapper);
  require.cache[file] = Object.assign(new Module(file), { loaded: true });
} catch {
  // Another version of the SDK, without it.
}

const describe = Error.prepareStackTrace.bind(Error);
/** Empty where the SDK only notes where a promise or a resource came from, which nobody here reads. */
Error.prepareStackTrace = (error, sites) => {
  const own = error.message === "" && /[\\/]@pulumi[\\/]pulumi[\\/]/.test(sites[0]?.getFileName() ?? "");
  return own ? String(error) : (describe(error, sites) as unknown);
};

// Nobody reads what it says: the engine was killed. The SDK would tell of each failed write by another one, for ever.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
