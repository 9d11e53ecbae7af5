import * as pulumi from "@pulumi/pulumi";
import { Group, is, Thing } from "../thing.ts";

const group = new Group("group");
const password = new pulumi.Config().getSecret("password") ?? pulumi.secret("open sesame");
const first = new Thing("first", { size: is("grown") ? 2 : 1, secret: password, lean: true }, { parent: group });
const second = new Thing(
  "second",
  { size: first.size.apply((size) => size + 1), hidden: "shown to none" },
  { additionalSecretOutputs: ["hidden"], customTimeouts: { create: "1m30s" } },
);
if (!is("shrunk"))
  new Thing("third", { ids: [first.id, second.id], nested: { token: second.token } }, { dependsOn: group });

export const size = second.size;
export const secret = first.secret;
