import type * as pulumi from "@pulumi/pulumi";

/** Where a resource is put, and what it carries: the arguments that every resource here has. */
export interface Place {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Without what extends it: what can be spread into a resource's arguments. */
export function placeOf({ resourceGroupName, location, tags }: Place): Place {
  return { resourceGroupName, location, tags };
}
