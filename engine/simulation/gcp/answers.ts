/** How Google Cloud names things. */
import type { SimulatedResource } from "../table.ts";

export type Ask = SimulatedResource;

/** Words, however they are broken into lines. */
export const names = (text: string): readonly string[] => text.trim().split(/\s+/);

/** A text of what is asked for; of the provider's configuration where it is left out; empty where that has none. */
export function textOf({ inputs, config }: Ask, key: string): string {
  const value = inputs[key] ?? config[key];
  return typeof value === "string" ? value : "";
}

/** `projects/PROJECT/KIND` */
export const pathOf = (ask: Ask, kind: string): string => `projects/${textOf(ask, "project")}/${kind}`;

/** The id that ends with the name, in Google's own form. The token after it says that it is simulated. */
export const named = (path: string, ask: Ask): string =>
  `${path === "" ? "" : `${path}/`}${textOf(ask, "name")}~${ask.token}`;

export const linkOf = (path: string, ask: Ask): string => `https://www.googleapis.com/${path}/${textOf(ask, "name")}`;
