/**
 * Pulumi's SDK notes for each promise and each resource the whole stack that it was made on. It takes time, and the CLI
 * writes it into the state with every checkpoint: 5 % of Kubeflow's, with the paths of the machine in it.
 */

/** Leaves those notes empty, in this process. Errors keep their traces. NODE_OPTIONS=--stack-trace-limit=20 brings them back. */
export function dropSdkTraces(): void {
  // The limit of a Node that was not told another one.
  if (Error.stackTraceLimit !== 10) return;
  const describe = Error.prepareStackTrace.bind(Error);
  Error.prepareStackTrace = (error, sites) => {
    // An error of the SDK's that is thrown has a message.
    const isNote = error.message === "" && /[\\/]@pulumi[\\/]pulumi[\\/]/.test(sites[0]?.getFileName() ?? "");
    return isNote ? String(error) : (describe(error, sites) as unknown);
  };
}
