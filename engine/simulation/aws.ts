/** What AWS would answer for the resources that the EKS target makes. Inputs, and what forces a new resource: `@pulumi/aws` 7.48. */
import { awsComputeTable } from "./aws/compute.ts";
import { awsDataTable } from "./aws/data.ts";
import { awsIdentityTable } from "./aws/identity.ts";
import { awsNetworkTable } from "./aws/network.ts";
import type { SimulationTable } from "./table.ts";

export const awsTable: SimulationTable = {
  ...awsNetworkTable,
  ...awsIdentityTable,
  ...awsComputeTable,
  ...awsDataTable,
};
