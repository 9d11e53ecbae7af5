import type { Concern } from "../customisation.ts";

export const login: Concern = () => ({});
