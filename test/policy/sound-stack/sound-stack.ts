/** Resources of a stack that violates no rule, by a short name: what each test changes one property of. */
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { gcp } from "./gcp.ts";
import { kubernetes } from "./kubernetes.ts";

export const soundStack = { ...gcp, ...aws, ...azure, ...kubernetes };
