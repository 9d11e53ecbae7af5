import type { CloudSettings } from "./cloud-settings.ts";

/** The three layers of protection that a level means. */
export interface Protection {
  /** The cloud's own flag, on clusters and on what holds data. It has to be off in state before a destroy. */
  readonly deletion: boolean;
  /** Options of a resource that holds data: bucket, database, key, DNS zone. */
  readonly data: { readonly protect?: true; readonly retainOnDelete?: true };
}

export function protectionOf(level: CloudSettings["protection"]): Protection {
  if (level === "none") return { deletion: false, data: {} };
  return { deletion: true, data: { protect: true, ...(level === "strict" ? { retainOnDelete: true } : {}) } };
}
