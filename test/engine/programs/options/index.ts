import * as pulumi from "@pulumi/pulumi";
import { Group, is, Thing } from "../thing.ts";

/** Each mode uses one option. */
if (!is("dropped")) {
  const group = new Group("keeping", { retainOnDelete: true });
  new Thing("kept", { size: 1 }, { parent: group });
  new Thing("not-kept", { size: 1 }, { parent: group, retainOnDelete: false });
}
if (is("claimed")) {
  new Thing("first", {}, { aliases: [{ name: "old" }] });
  new Thing("second", {}, { aliases: [{ name: "old" }] });
} else {
  new Thing("old", {});
}
// The whole of `nested` comes or goes, which is more than the path names.
new Thing("deep", is("deepened") ? { nested: { a: 1 } } : {}, { replaceOnChanges: ["nested.a"] });
if (is("hidden")) new Thing("hidden", {}, { hideDiffs: ["size"] });
if (is("asset")) new Thing("asset", { content: { file: new pulumi.asset.StringAsset("text") } });
