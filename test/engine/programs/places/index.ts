import * as pulumi from "@pulumi/pulumi";
import { Group, is, Thing } from "../thing.ts";

class Place extends pulumi.ProviderResource {
  constructor(name: string, region: string) {
    super("test", name, { region });
  }
}

/** Each mode changes one thing about where the resource is. */
const provider = new Place(is("renamed") ? "other" : "place", is("moved") ? "b" : "a");
new Thing("thing", { size: 1 }, { provider });
/** One object, whatever the program calls it. */
new Thing(is("relabelled") ? "label" : "thing", { key: "object" }, { provider, parent: new Group("group") });
