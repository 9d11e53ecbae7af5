/**
 * Loaded into the program's process before the SDK: to save time, and to end with the engine. Node strips types in
 * place, so a stack trace is right as it is; the SDK takes one per property and resource, and would map each by
 * `source-map-support`: a quarter of a large program's time, and an eighth of what is left to put them into words.
 */
import Module, { createRequire, enableCompileCache } from "node:module";
import { dropSdkTraces } from "../shared/sdk-traces.ts";

enableCompileCache();
const require = createRequire(process.argv[1] ?? import.meta.url);

/** Answers for a module of the SDK before it is loaded, if this version of the SDK has it. */
function stand(name: string, exports: (file: string) => object): void {
  try {
    const file = require.resolve(name);
    require.cache[file] = Object.assign(new Module(file), { loaded: true, exports: exports(file) });
  } catch {
    // Another version of the SDK, without it.
  }
}

/** The module itself, once something is asked of it beyond what there is an answer to already. */
function lazily(file: string, answers: Readonly<Record<string, unknown>> = {}): object {
  const known = { __esModule: true, ...answers };
  let loaded: object | undefined;
  const load = (): object => {
    if (loaded === undefined) Reflect.deleteProperty(require.cache, file);
    return (loaded ??= require(file) as object);
  };
  return new Proxy(() => undefined, {
    get: (_, key): unknown => Reflect.get(Object.hasOwn(known, key) ? known : load(), key),
    construct: (_, args) => Reflect.construct(load() as new () => object, args) as object,
    apply: (_, self, args): unknown => Reflect.apply(load() as () => unknown, self, args),
  });
}

stand("source-map-support/register", () => ({}));
// The SDK's index loads them for serialised functions and for the automation API: 500 files, two thirds of its start.
for (const name of ["@npmcli/arborist", "typescript", "@pulumi/pulumi/automation"]) stand(name, lazily);
// The engine asks for no traces: what makes spans need not be able to record and to send them.
const [spans, tracing] = ["@opentelemetry/api", "@pulumi/pulumi/cmd/run/tracing"];
stand(tracing, (file) => {
  const { trace } = require(spans) as { trace: { getTracer(name: string): { startSpan(name: string): object } } };
  return lazily(file, { newSpan: (name: string) => trace.getTracer("nodejs-runtime").startSpan(name) });
});
// V8's debugger, listening to every script for the sake of serialised functions: what serialises one opens it by itself.
const hooks = "@pulumi/pulumi/runtime/closure/v8Hooks";
stand(hooks, (file) => lazily(file, { isInitializedAsync: () => Promise.resolve() }));

// It sends each of its debug messages by a call of its own and waits for them all before it ends: three for every resource,
// and for a second after the last one is planned. The engine would drop them.
const log = require("@pulumi/pulumi/log") as { debug: () => Promise<void> };
log.debug = () => Promise.resolve();

// Each promise of a resource gets the stack it was made at, for a report of leaks that nobody here reads (see below).
const debuggable = require("@pulumi/pulumi/runtime/debuggable") as {
  debuggablePromise: (...args: unknown[]) => unknown;
};
const { debuggablePromise } = debuggable;
debuggable.debuggablePromise = (...args) => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return debuggablePromise(...args);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

dropSdkTraces();

// Nobody reads what it says: the engine was killed. The SDK would tell of each failed write by another one, for ever.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
