import type { Concern } from "../customisation.ts";

export const edge: Concern = () => ({});
