/**
 * Loaded into the program's process before the SDK, to save time and nothing else. Node strips types in place, so a
 * stack trace is right as it is; the SDK takes one per property and would map each by `source-map-support`, which is a
 * quarter of a large program's time.
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
