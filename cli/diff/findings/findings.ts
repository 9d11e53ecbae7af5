/** What a reviewer must not miss, of one change. */
import type { PlannedResource } from "../../operation.ts";
import type { FindingsOf } from "../assemble.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { crdFindings, readCrdVersions } from "./crds.ts";
import { dataFindings } from "./data.ts";
import { exposureFindings } from "./exposure.ts";
import { iamFindings } from "./iam.ts";
import { imageFindings } from "./images.ts";
import { podFindings } from "./pods.ts";
import { protectionFindings } from "./protection.ts";
import { rbacFindings } from "./rbac.ts";

const levels: readonly Finding["level"][] = ["danger", "warning", "info"];

/** @param resources of all stacks, at both sides: bodies that they name are read ahead. */
export async function findingsFor(resources: readonly PlannedResource[]): Promise<FindingsOf> {
  const crds = await readCrdVersions(resources);
  const kinds: readonly ((change: ResourceChange) => readonly Finding[])[] = [
    dataFindings,
    protectionFindings,
    rbacFindings,
    iamFindings,
    exposureFindings,
    podFindings,
    (change) => crdFindings(change, crds),
    imageFindings,
  ];
  return (change) =>
    kinds
      .flatMap((find) => find(change))
      .sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || (a.message < b.message ? -1 : 1));
}
