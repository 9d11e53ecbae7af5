/** Gates that somebody may let through, with a reason that is kept. The others have to be put right. */
export const waivable = ["order", "health", "soak", "known-state"] as const;
