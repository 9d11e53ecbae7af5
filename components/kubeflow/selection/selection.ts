import type { Concern } from "../customisation.ts";

export const selection: Concern = () => ({});
