import type { Concern } from "../customisation.ts";

export const tenants: Concern = () => ({});
