import assert from "node:assert/strict";

/** The keys of oauth2_proxy.cfg: TOML of texts, booleans and lists of texts is JSON. */
export function cfg(text: string): object {
  const entries = text
    .trim()
    .split("\n")
    .map((line) => /^([a-z0-9_]+) = (.*)$/.exec(line) ?? assert.fail(line));
  return Object.fromEntries<unknown>(entries.map(([, key = "", value]) => [key, JSON.parse(value ?? "") as unknown]));
}
