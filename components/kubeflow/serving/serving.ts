import type { Concern } from "../customisation.ts";

export const serving: Concern = () => ({});
