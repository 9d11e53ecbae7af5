import type { Concern } from "../customisation.ts";

export const sizing: Concern = () => ({});
