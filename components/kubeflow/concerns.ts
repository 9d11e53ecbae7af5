import { backup } from "../backup/backup.ts";
import type { Concern } from "./customisation.ts";
import { edge } from "./edge/edge.ts";
import { login } from "./login/login.ts";
import { selection } from "./selection/selection.ts";
import { serving } from "./serving/serving.ts";
import { sizing } from "./selection/sizing.ts";
import { storage } from "./storage/storage.ts";
import { tenants } from "./tenants/tenants.ts";

/** In the order in which they have their say: what is there at all comes first, and how large it is last. */
export const concerns: readonly Concern[] = [selection, storage, login, edge, tenants, serving, backup, sizing];
