import { rootStackResource } from "@pulumi/pulumi";
import { Group, is, Thing } from "../thing.ts";

if (!is("later")) {
  const group = new Group("old-group");
  new Thing("old-group-thing", { size: 1 }, { parent: group });
  new Thing("plain", { size: 1 });
  new Thing("loose", { size: 1 });
  new Thing("by-urn", { size: 1 });
} else {
  const group = new Group("new-group", { aliases: [{ name: "old-group" }] });
  // Named after its parent: it is known by what follows from the parent's alias.
  new Thing("new-group-thing", { size: 1 }, { parent: group });
  new Thing("renamed", { size: 1 }, { aliases: [{ name: "plain" }] });
  new Thing("loose", { size: 1 }, { parent: group, aliases: [{ parent: rootStackResource }] });
  new Thing("by-its-urn", { size: 1 }, { aliases: ["urn:pulumi:dev::aliases::test:index:Thing::by-urn"] });
}
