import * as pulumi from "@pulumi/pulumi";
import { Group, Thing } from "../thing.ts";

// In the SDK, before the resource is sent.
pulumi.runtime.registerStackTransformation(({ props, opts }) => ({ props: { ...props, local: "stack" }, opts }));

// Remote: the engine calls back, for every resource of the stack.
pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
  type === "test:index:Thing"
    ? {
        props: { ...props, order: [...((props["order"] ?? []) as string[]), "stack"] },
        opts: pulumi.mergeOptions(opts, { protect: false }),
      }
    : undefined,
);

class Transformed extends pulumi.ComponentResource {
  constructor(name: string) {
    super(
      "test:index:Transformed",
      name,
      {},
      {
        transforms: [
          ({ props, opts }) => ({
            props: { ...props, order: [...((props["order"] ?? []) as string[]), "parent"] },
            opts,
          }),
        ],
      },
    );
    const group = new Group(`${name}-group`, { parent: this });
    new Thing(
      "deep",
      { size: 1, secret: pulumi.secret("hush") },
      {
        parent: group,
        transforms: [
          ({ props, opts }) => ({
            props: { ...props, order: ["own"] },
            opts: pulumi.mergeOptions(opts, { ignoreChanges: ["size"], additionalSecretOutputs: ["order"] }),
          }),
        ],
      },
    );
  }
}

new Transformed("outer");
new Thing("flat", { size: 1 });
