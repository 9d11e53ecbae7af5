import * as pulumi from "@pulumi/pulumi";
import { getThing, is, Thing } from "../thing.ts";

const other = new pulumi.StackReference("organization/basics/dev");

class TestProvider extends pulumi.ProviderResource {
  constructor(name: string, args: pulumi.Inputs, options?: pulumi.ResourceOptions) {
    super("test", name, args, options);
  }
}

const first = new Thing("own", { size: 1 });
const region = is("elsewhere") ? "south" : "north";
const known = new TestProvider("known", { region, password: pulumi.secret("provider secret") });
const late = new TestProvider("late", { region: first.token });
new Thing("by-known", { size: other.getOutput("size") }, { provider: known });
new Thing("by-late", { secret: other.getOutput("secret") }, { provider: late });

const found = getThing("found", first.id);
const echo = pulumi.runtime.invokeOutput("test:index:echo", { text: "heard" });
export const fromOther = other.getOutput("size");
export const secretFromOther = other.getOutput("secret");
export const read = found.size;
export const echoed = echo;
