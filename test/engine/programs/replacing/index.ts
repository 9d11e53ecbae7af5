import * as pulumi from "@pulumi/pulumi";
import { is, Thing } from "../thing.ts";

/** Each mode changes what one option is about. */
const named = new Thing("named", { name: is("renamed") ? "b" : "a" });
new Thing("user", { of: named.id });

const placed = new Thing("placed", { place: is("moved") ? "b" : "a" });
new Thing("tenant", { place: placed.id });
new Thing("neighbour", { beside: placed.id });

if (!is("guarded-dropped"))
  new Thing("guarded", { name: is("guarded-renamed") ? "b" : "a" }, { protect: !is("unprotected") });
if (!is("dropped")) {
  new Thing("kept", { size: 1 }, { retainOnDelete: true });
  const host = new Thing("host", { size: 1 });
  new Thing("guest", { stuck: true }, { deletedWith: host });
}
new Thing(
  "ignoring",
  { size: is("ignored") ? 2 : 1, nested: { a: is("ignored") ? 2 : 1, b: is("not-ignored") ? 2 : 1 } },
  { ignoreChanges: ["size", "nested.a"] },
);
new Thing("strict", { size: is("strict") ? 2 : 1 }, { replaceOnChanges: ["size"], deleteBeforeReplace: true });

export const ids = pulumi.all([named.id, placed.id]);
