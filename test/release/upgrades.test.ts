/** The rules of the upgrades that the project knows, each held against the two releases themselves. */
import assert from "node:assert/strict";
import { kubernetesProviderSettings } from "../../components/shared/kubernetes-provider.ts";
import { compare } from "../../engine/kubernetes/replacements.ts";
import { toMap } from "../../engine/kubernetes/objects.ts";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { loadLock } from "../../release/lock.ts";
import { renderRelease } from "../../release/render.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { loadUpgrades, parseUpgrade, type Upgrade } from "../../release/upgrades.ts";
import { specOf } from "../support/custom-resources.ts";
import { neededMirror } from "../support/mirror.ts";

const upgrades = await loadUpgrades();

describe("an upgrade's rules", () => {
  it("are refused with every fault by its path", () => {
    const text = "from: a\nto: b\ndowngrade: {allowed: maybe}\nrules: [{rule: removed, objects: [x]}]";
    assert.throws(
      () => parseUpgrade(text, "u.yaml"),
      /u\.yaml:\n {2}downgrade\.allowed: [\s\S]*downgrade\.reason: [\s\S]*rules\.0\.objects\.0: [\s\S]*rules\.0\.reason: /,
    );
  });
});

for (const upgrade of upgrades) {
  const { from, to, rules } = upgrade;
  describe(`${from} to ${to}`, function () {
    this.timeout(300_000);
    let old: RenderedRelease;
    let next: RenderedRelease;
    let gone: readonly string[];

    before(async function () {
      process.env["KF_MIRROR"] = neededMirror(this);
      [old, next] = [
        await renderRelease({ lock: await loadLock(from) }),
        await renderRelease({ lock: await loadLock(to) }),
      ];
      const there = new Set(next.objects.map(objectKey));
      gone = old.objects.map(objectKey).filter((key) => !there.has(key));
    });

    for (const rule of rules) {
      switch (rule.rule) {
        case "removed":
          it(`removes ${describeKeys(rule.objects)}, which ${from} has and ${to} has not`, () => {
            assert.deepEqual(
              rule.objects.filter((key) => !gone.includes(key)),
              [],
            );
          });
          break;
        case "kept":
          it(`keeps ${rule.object}, which ${to} has not and settings made by ${from} name`, () => {
            assert.ok(gone.includes(rule.object));
            const [, , name = ""] = rule.object.split("/");
            const naming = (release: RenderedRelease) =>
              release.objects.filter(
                (object) => objectKey(object) !== rule.object && JSON.stringify(object).includes(name),
              );
            assert.ok(naming(old).length > 0, "nothing names it");
            assert.deepEqual(naming(next).map(objectKey), []);
          });
          break;
        case "blocks":
          it(`is refused for a ${rule.kind} that ${rule.annotation} names as ${to} does not`, () => {
            const group = rule.apiVersion.split("/")[0];
            assert.ok(next.crds.some((crd) => crd.group === group && crd.kind === rule.kind));
            assert.notDeepEqual(imagesOf(old, "kserve/kserve-controller"), imagesOf(next, "kserve/kserve-controller"));
            assert.deepEqual(imagesOf(next, "kserve/kserve-controller"), ["v0.16.0"]);
          });
          break;
        case "requires":
          it(`needs Kubernetes ${rule.kubernetes}, which ${to}'s Knative is not older than`, () => {
            assert.deepEqual([knativeOf(old), knativeOf(next)], ["1.16", "1.21"]);
          });
          break;
        case "note":
          it(`says: ${rule.message.slice(0, 60)}`, () => {
            assert.match(rule.source, /^https:/);
          });
      }
    }

    it("has a rule for every object that goes", () => {
      assert.deepEqual([...named(upgrade)].sort(), [...gone].sort());
    });

    it("replaces nothing: no fixed field of any object differs", () => {
      const nexts = new Map(next.objects.map((object) => [objectKey(object), object]));
      const replaced = old.objects.flatMap((object) => {
        const other = nexts.get(objectKey(object));
        const reasons =
          other === undefined ? [] : compare(toMap(object), toMap(other), kubernetesProviderSettings).replaces;
        return reasons.map((reason) => `${objectKey(object)} ${reason.path}`);
      });
      assert.deepEqual(replaced, []);
    });

    it("drops no CRD, no version of one, and changes neither what is stored nor its scope", async () => {
      for (const crd of old.crds) {
        const other = next.crds.find(({ name }) => name === crd.name);
        assert.ok(other, `${crd.name} is gone`);
        const [was, is] = [specOf(await readCrd(crd)), specOf(await readCrd(other))];
        assert.equal(is.scope, was.scope);
        assert.deepEqual(
          was.versions.filter(({ name }) => !is.versions.some((version) => version.name === name)),
          [],
          crd.name,
        );
        assert.deepEqual(stored(is.versions), stored(was.versions), crd.name);
      }
    });
  });
}

function describeKeys([first = "", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${String(more.length)} more`;
}

function named({ rules }: Upgrade): readonly string[] {
  return rules.flatMap((rule) => (rule.rule === "removed" ? rule.objects : rule.rule === "kept" ? [rule.object] : []));
}

function stored(versions: readonly { readonly name: string; readonly storage: boolean }[]): readonly string[] {
  return versions.filter(({ storage }) => storage).map(({ name }) => name);
}

/** Tags of an image. */
function imagesOf({ objects }: RenderedRelease, image: string): readonly string[] {
  const found = [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].flatMap(([, name = ""]) => name);
  const tags = found.filter((name) => name.includes(`${image}:`)).map((name) => name.split(":").at(-1) ?? "");
  return [...new Set(tags)];
}

function knativeOf({ objects }: RenderedRelease): string | undefined {
  const isNamespace = (object: KubernetesObject) =>
    object.kind === "Namespace" && object.metadata.name === "knative-serving";
  const version = objects.find(isNamespace)?.metadata.labels?.["app.kubernetes.io/version"];
  return version?.split(".").slice(0, 2).join(".");
}
