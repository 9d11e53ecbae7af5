import * as pulumi from "@pulumi/pulumi";
import { is, Thing } from "../thing.ts";

if (is("throws-first")) throw new Error("no luck today");

const one = new Thing("one", { size: 1 });
if (is("first")) new Thing("extra", { size: 1 });
const broken = new Thing("broken", { broken: is("broken"), ...(is("invalid") ? { invalid: true } : {}) });
new Thing("dependent", { of: broken.id });
new Thing("child", { size: 1 }, { parent: broken });
new Thing("independent", { of: one.id });
if (is("taken")) new Thing("taken", { taken: true });
if (is("twice")) new Thing("one", { size: 2 });
if (is("imports")) new Thing("imported", { size: 1 }, { import: "some-id" });
if (is("slow")) new Thing("slow", { milliseconds: 60_000 }, { customTimeouts: { create: "50ms" } });
if (is("logs")) void pulumi.log.error("this will not do");
if (is("throws-later")) {
  // Once everything is registered.
  one.id.apply(() => {
    throw new Error("changed my mind");
  });
}

export const size = one.size;
