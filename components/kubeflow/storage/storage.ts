import type { Concern } from "../customisation.ts";

export const storage: Concern = () => ({});
