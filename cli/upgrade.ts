/** What an `up` to another release than the one that is installed must not do, and what has to be said of it. */
import path from "node:path";
import type { ResourceState } from "../engine/deployment.ts";
import type { OperationOptions } from "../engine/operations.ts";
import type { PlannedLosses } from "../engine/preflight.ts";
import type { Diagnostic, OperationKind } from "../engine/report.ts";
import { text, toObject } from "../engine/kubernetes/objects.ts";
import { stackType } from "../engine/urn.ts";
import { isMap, unwrapSecrets, type PropertyMap } from "../engine/values.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { describeObject, groupKind, objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import type { ClientPool } from "../kubernetes/pool.ts";
import { loadLock } from "../release/lock.ts";
import { loadUpgrades, type Upgrade, type UpgradeRule } from "../release/upgrades.ts";
import { messageOf, UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";

/** What holds, or owns, what users made. A Profile owns its namespace. */
const dataBearing: ReadonlySet<string> = new Set([
  "Namespace",
  "PersistentVolumeClaim",
  "PersistentVolume",
  "Profile.kubeflow.org",
]);

const crdType = "kubeflow:index:CustomResourceDefinition";

/**
 * The engine's hooks for a stack that is brought to a release.
 *
 * @param choice `kubeflow:release`; `undefined` where the operation needs none.
 * @param known @default - those of `release/upgrades`
 */
export async function upgradeHooks(
  kind: OperationKind,
  choice: string | undefined,
  clients: ClientPool,
  known?: readonly Upgrade[],
): Promise<Pick<OperationOptions, "judge" | "keeps">> {
  if (choice === undefined) return {};
  const { name: to } = await loadLock(choice.endsWith(".yaml") ? path.resolve(projectRoot, choice) : choice);
  const upgrades = known ?? (await loadUpgrades());
  // Whatever it comes from: an upgrade that was killed at its end is of the new release already.
  const kept = upgrades.flatMap((upgrade) => (upgrade.to === to ? upgrade.rules : [])).filter(isKept);
  return {
    keeps: (resource) => kept.some(({ object }) => object === keyOf(resource)),
    judge: async (losses) => {
      const from = releaseOf(losses);
      const stays = losses.dropped.flatMap((resource) => kept.filter(({ object }) => object === keyOf(resource)));
      const notes = stays.map(({ object, reason, remedy }) =>
        note(`${object} stays: ${reason}. To delete it ${remedy}`),
      );
      if (from === undefined || from === to) return notes;
      try {
        return [
          ...notes,
          ...(await judgeUpgrade({ from, to, upgrades, losses, client: await clientOf(losses, clients) })),
        ];
      } catch (error) {
        // A plan needs no cluster; a change does.
        if (kind !== "preview" || !(error instanceof UserError)) throw error;
        return [
          ...notes,
          { severity: "warning", message: `upgrade ${from} to ${to}: not checked: ${messageOf(error)}` },
        ];
      }
    },
  };
}

interface Case {
  readonly from: string;
  readonly to: string;
  readonly upgrades: readonly Upgrade[];
  readonly losses: PlannedLosses;
  readonly client: KubernetesClient | undefined;
}

async function judgeUpgrade({ from, to, upgrades, losses, client }: Case): Promise<readonly Diagnostic[]> {
  const what = `upgrade ${from} to ${to}`;
  const back = upgrades.find((upgrade) => upgrade.from === to && upgrade.to === from);
  if (back?.downgrade.allowed === false)
    return [refusal(`${from} does not go back to ${to}: ${back.downgrade.reason} (${back.downgrade.source})`)];
  const known = upgrades.find((upgrade) => upgrade.from === from && upgrade.to === to);
  const unknown: readonly Diagnostic[] =
    known === undefined && back === undefined
      ? [
          {
            severity: "warning",
            message: `${what}: no rules are known for it (release/upgrades); only losses are looked for`,
          },
        ]
      : [];
  if (client === undefined) return unknown;
  const found = await Promise.all([
    ...(known?.rules ?? []).map((rule) => judgeRule(what, rule, client)),
    ...losses.replaced.map((resource) => lossOf(resource, "replace", losses, client)),
    ...losses.dropped.map((resource) => lossOf(resource, "delete", losses, client)),
  ]);
  return [...unknown, ...found.filter((diagnostic) => diagnostic !== undefined)];
}

async function judgeRule(what: string, rule: UpgradeRule, client: KubernetesClient): Promise<Diagnostic | undefined> {
  switch (rule.rule) {
    case "note":
      return note(`${what}: ${rule.message} (${rule.source})`);
    case "requires": {
      const version = await client.serverVersion();
      const isOld = version.localeCompare(rule.kubernetes, "en", { numeric: true }) < 0;
      if (!isOld) return undefined;
      const { kubernetes, reason, source } = rule;
      return refusal(
        `${what}: needs Kubernetes ${kubernetes} or newer, this is ${version}: ${reason} (${source}). Upgrade the cluster first`,
      );
    }
    case "blocks": {
      const { apiVersion, kind, annotation, values, reason, remedy, source } = rule;
      const objects = await client.list(apiVersion, kind, { metadataOnly: true });
      const blocking = objects.filter(({ metadata }) => values.includes(metadata.annotations?.[annotation] ?? ""));
      if (blocking.length === 0) return undefined;
      return refusal(
        `${what}: ${listed(blocking)} with ${annotation} ${values.join(" or ")}: ${reason} (${source}). Do this: ${remedy}`,
      );
    }
    default:
      return undefined;
  }
}

/** What of users' the loss of this resource would take with it. */
async function lossOf(
  resource: ResourceState,
  verb: "replace" | "delete",
  losses: PlannedLosses,
  client: KubernetesClient,
): Promise<Diagnostic | undefined> {
  if (resource.retainOnDelete === true) return undefined;
  if (resource.type === crdType) return lossOfCrd(resource, verb, losses, client);
  const object = objectOf(resource);
  if (object === undefined || !dataBearing.has(groupKind(object))) return undefined;
  if ((await client.get(object, { metadataOnly: true })) === undefined) return undefined;
  return refusal(
    `the upgrade would ${verb} ${describeObject(object)}, and with it what it holds. Save what is needed of it, delete it ` +
      "yourself, and run again; or set what the stack's configuration says of it back to what it was",
  );
}

async function lossOfCrd(
  { inputs }: ResourceState,
  verb: "replace" | "delete",
  { dropped }: PlannedLosses,
  client: KubernetesClient,
): Promise<Diagnostic | undefined> {
  const [name = "", group = "", kind = ""] = [inputs["name"], inputs["group"], inputs["kind"]].map(text);
  const versions = Array.isArray(inputs["versions"]) ? inputs["versions"].map(text) : [];
  const ours = new Set(verb === "delete" ? dropped.map(keyOf) : []);
  for (const version of versions) {
    const apiVersion = `${group}/${version}`;
    if ((await client.resourceType(apiVersion, kind)) === undefined) continue;
    const objects = (await client.list(apiVersion, kind, { metadataOnly: true })).filter(
      (object) => !ours.has(objectKey(object)),
    );
    if (objects.length === 0) return undefined;
    return refusal(
      `the upgrade would ${verb} the CRD ${name}, and with it ${listed(objects)}. Save them (kubectl get ${name} -A -o yaml) ` +
        "and delete them yourself if they are not needed any more, then run again",
    );
  }
  return undefined;
}

function listed(objects: readonly KubernetesObject[]): string {
  const [first, second, third] = objects.map(describeObject);
  const shown = [first, second, third].filter((name) => name !== undefined).join(", ");
  return objects.length > 3 ? `${shown} and ${String(objects.length - 3)} more` : shown;
}

function isKept(rule: UpgradeRule): rule is Extract<UpgradeRule, { rule: "kept" }> {
  return rule.rule === "kept";
}

/** What the last `up` that ended well installed. */
function releaseOf({ state }: PlannedLosses): string | undefined {
  return text(state.find(({ type }) => type === stackType)?.outputs["release"]) || undefined;
}

/** Of the cluster that holds what is there; none for a stack without one. */
async function clientOf({ state }: PlannedLosses, clients: ClientPool): Promise<KubernetesClient | undefined> {
  const provider = state.find(({ type }) => type === "pulumi:providers:kubernetes");
  const { kubeconfig, context } = unwrapSecrets(provider?.inputs ?? {}) as PropertyMap;
  if (text(kubeconfig) === "") return undefined;
  return clients.get({ kubeconfig: text(kubeconfig), ...(text(context) === "" ? {} : { context: text(context) }) });
}

function keyOf(resource: ResourceState): string | undefined {
  const object = objectOf(resource);
  return object && objectKey(object);
}

function objectOf({ type, inputs }: ResourceState): KubernetesObject | undefined {
  return type.startsWith("kubernetes:") && isMap(inputs["metadata"]) ? toObject(inputs, undefined) : undefined;
}

function refusal(message: string): Diagnostic {
  return { severity: "error", message };
}

function note(message: string): Diagnostic {
  return { severity: "info", message };
}
