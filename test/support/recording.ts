/** What a component registers, without an engine: types, names, inputs and options. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";

export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** As the provider gets them; secrets are still wrapped, see `isSecret` and `opened`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: pulumi.CustomResourceOptions;
}

export class Recording {
  readonly resources: readonly Recorded[];

  constructor(resources: readonly Recorded[]) {
    this.resources = resources;
  }

  all(type: string): readonly Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of the type, and of the name if one is given. */
  one(type: string, name?: string): Recorded {
    const found = this.all(type).filter((resource) => name === undefined || resource.name === name);
    const known = this.resources.map((resource) => `${resource.type} ${resource.name}`).join("\n  ");
    assert.equal(found.length, 1, `${found.length} of ${type} ${name ?? ""} among\n  ${known}`);
    const [resource] = found;
    assert.ok(resource);
    return resource;
  }
}

/** Outputs that the cloud would add to the inputs of a resource, its `id` among them. */
export type Answer = (resource: MockResourceArgs) => Readonly<Record<string, unknown>>;

/**
 * Runs `make`, which has to pass the options on to what it creates, and waits until everything is registered.
 *
 * @param call what functions of a cloud answer; none is allowed unless it is given.
 * @throws what `make` throws.
 */
export async function record(
  make: (options: pulumi.ComponentResourceOptions) => unknown,
  answer: Answer = () => ({}),
  call: (token: string) => Readonly<Record<string, unknown>> = (token) =>
    assert.fail(`a preview must need no credentials, and ${token} does`),
): Promise<Recording> {
  const inputs = new Map<string, MockResourceArgs>();
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        inputs.set(`${args.type} ${args.name}`, args);
        const { id = `${args.name}-id`, ...added } = answer(args);
        return { id: String(id), state: { ...(args.inputs as Record<string, unknown>), ...added } };
      },
      call: ({ token }) => call(token),
    },
    "kubeflow",
    "test",
  );
  const transformations: pulumi.ResourceTransformation[] = [
    ({ type, name, opts }) => {
      options.set(`${type} ${name}`, opts);
      return undefined;
    },
  ];
  try {
    await make({ transformations });
    await settled(() => inputs.size);
  } finally {
    await pulumi.runtime.disconnect();
  }
  return new Recording(
    [...inputs].map(([key, args]) => ({
      type: args.type,
      name: args.name,
      inputs: args.inputs as Record<string, unknown>,
      options: options.get(key) ?? {},
    })),
  );
}

/** What waits for others is registered some turns of the event loop after them, and nothing tells when all are done. */
async function settled(count: () => number): Promise<void> {
  for (let idle = 0, known = -1; idle < 100; idle += 1) {
    if (count() !== known) idle = 0;
    known = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && signature in value && value[signature] === secretSignature;
}

/** What is in a secret; any other value as it is. */
export function opened(value: unknown): unknown {
  return typeof value === "object" && value !== null && isSecret(value) && "value" in value ? value.value : value;
}

/** The value of an output, of a component that is recorded. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}
