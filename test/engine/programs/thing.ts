import * as pulumi from "@pulumi/pulumi";

/** A resource of the package that the tests' own provider serves. */
export class Thing extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly size: pulumi.Output<number>;
  declare readonly secret: pulumi.Output<string>;
  declare readonly token: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super(
      "test:index:Thing",
      name,
      { name: undefined, size: undefined, secret: undefined, token: undefined, ...inputs },
      options,
    );
  }
}

/** Reads a thing that is not managed here. */
export function getThing(name: string, id: pulumi.Input<pulumi.ID>): Thing {
  return new Thing(name, {}, { id });
}

export class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, options);
  }
}

const modes = (new pulumi.Config().get("mode") ?? "").split(" ");

/** Whether the test asks the program to be this way this time: `mode` lists the ways. */
export const is = (mode: string): boolean => modes.includes(mode);
