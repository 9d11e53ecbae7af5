import * as pulumi from "@pulumi/pulumi";
import { Group, is, Thing } from "../thing.ts";

/**
 * As many resources as the test wants, shaped like Kubernetes objects, each depending on the one ten before it; `lonely`:
 * nothing depends on the first ten.
 */
const config = new pulumi.Config();
const count = config.getNumber("count") ?? 20;
const milliseconds = config.getNumber("milliseconds") ?? 0;
if (is("announced")) void pulumi.log.info(pulumi.runtime.isDryRun() ? "planning" : "applying");
const group = new Group("group");
const things: Thing[] = [];
for (let i = 0; i < count; i++) {
  const containers = Array.from({ length: 8 }, (_, j) => ({
    name: `c${j}`,
    image: `registry/image-${i}:${j}`,
    env: Array.from({ length: 8 }, (_, k) => ({ name: `E${k}`, value: `v${k}` })),
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
  }));
  const before = is("lonely") && i < 20 ? undefined : things[i - 10];
  things.push(
    new Thing(
      `thing-${i}`,
      {
        ...(milliseconds > 0 ? { milliseconds } : {}),
        ...(is("broken") && i === 3 ? { broken: true } : {}),
        metadata: { labels: { app: `a${i}`, "app.kubernetes.io/name": "x" }, password: pulumi.secret(`secret-${i}`) },
        spec: { template: { spec: { containers } } },
      },
      { parent: group, ...(before === undefined ? {} : { dependsOn: before }) },
    ),
  );
}

export const last = is("unknown") ? things.at(-1)?.id : count;
