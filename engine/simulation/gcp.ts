/**
 * Google Cloud as far as a GKE target uses it. Inputs are those of @pulumi/gcp 9.37; what cannot be changed in place,
 * and what is answered, is from its documentation.
 */
import { compute } from "./gcp/compute.ts";
import { container } from "./gcp/container.ts";
import { data } from "./gcp/data.ts";
import { project } from "./gcp/project.ts";
import type { SimulationTable } from "./table.ts";

export const gcpTable: SimulationTable = { ...compute, ...container, ...data, ...project };
