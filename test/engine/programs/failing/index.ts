import * as pulumi from "@pulumi/pulumi";
import { mode, Thing } from "../thing.ts";

if (mode === "throws-first") throw new Error("no luck today");

const one = new Thing("one", { size: 1 });
if (mode === "first") new Thing("extra", { size: 1 });
const broken = new Thing("broken", { broken: mode === "broken", ...(mode === "invalid" ? { invalid: true } : {}) });
new Thing("dependent", { of: broken.id });
new Thing("child", { size: 1 }, { parent: broken });
new Thing("independent", { of: one.id });
if (mode === "taken") new Thing("taken", { taken: true });
if (mode === "twice") new Thing("one", { size: 2 });
if (mode === "imports") new Thing("imported", { size: 1 }, { import: "some-id" });
if (mode === "logs") void pulumi.log.error("this will not do");
if (mode === "throws-later") {
  // Once everything is registered.
  one.id.apply(() => {
    throw new Error("changed my mind");
  });
}

export const size = one.size;
