/** The words of `--fault`. On their own, so that `kf --help` loads nothing else. */
export const faultyOperations = ["create", "update", "delete"] as const;

export const faultKinds = [
  "throttling",
  "quota-exceeded",
  "capacity-missing",
  "not-found-yet",
  "fails-half-way",
  "slow",
] as const;

export const faultSyntax =
  `TYPE:OPERATION=KIND[xN], OPERATION one of ${faultyOperations.join(", ")}, KIND one of ${faultKinds.join(", ")}, ` +
  "N calls (1)";
