/** What a simulated cloud knows of its resources: one entry per type, nothing invented beyond it. */
import type { PropertyMap } from "../values.ts";

/** A resource as the simulated cloud is asked to create or change it. */
export interface SimulatedResource {
  /** `sim-` and some letters and digits that stay the same as long as the resource lives. */
  readonly token: string;
  /** The provider's own configuration: project, region, subscription. */
  readonly config: PropertyMap;
  /** Plain: secrets are unwrapped here, and wrapped again in state where the program or the table says so. */
  readonly inputs: PropertyMap;
}

export interface SimulatedType {
  /** Inputs without which the cloud refuses; top-level names of the SDK. */
  readonly required: readonly string[];
  /** Inputs that it takes beside them. Any other is an error that names it. */
  readonly optional: readonly string[];
  /** Inputs that cannot be changed in place. */
  readonly forceNew?: readonly string[];
  /** The input that is the physical name, when the provider makes one up from the logical name if it is left out. */
  readonly autoName?: { readonly property: string; readonly maxLength: number; readonly separator: string };
  /** Outputs that are secret whatever the inputs are. */
  readonly secretOutputs?: readonly string[];
  /** The id, in the cloud's own form with `token` in it, and what the cloud adds to the inputs. */
  readonly answer: (resource: SimulatedResource) => { readonly id: string; readonly outputs: PropertyMap };
}

/** By type token, e.g. `aws:eks/cluster:Cluster`. */
export type SimulationTable = Readonly<Record<string, SimulatedType>>;
