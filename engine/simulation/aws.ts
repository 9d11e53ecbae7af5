/** What AWS would answer for the resources that the EKS target makes. Inputs, and what forces a new resource: `@pulumi/aws` 7.48. */
import { awsComputeTable } from "./aws/compute.ts";
import { awsDataTable } from "./aws/data.ts";
import { awsEventsTable } from "./aws/events.ts";
import { awsIdentityTable } from "./aws/identity.ts";
import { awsNamesTable } from "./aws/names.ts";
import { awsNetworkTable } from "./aws/network.ts";
import type { SimulationTable } from "./table.ts";

export const awsTable: SimulationTable = {
  ...awsNetworkTable,
  ...awsNamesTable,
  ...awsEventsTable,
  ...awsIdentityTable,
  ...awsComputeTable,
  ...awsDataTable,
};
