/** What MetalLB is told, held against its own chart and the schemas of its own kinds. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { execa } from "execa";
import { parse } from "yaml";
import { chartSource } from "../../../components/shared/charts.ts";
import { metallbObjects, metallbValues } from "../../../components/onprem/metallb-objects.ts";
import { loadChart } from "../../../release/helm/metadata.ts";
import { checkValues } from "../../../release/helm/values.ts";
import { isRecord } from "../../../release/json.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { notRun } from "../../support/not-run.ts";
import { behindMetallb, onePool } from "./settings.ts";

const { version } = chartSource("metallb");
const chart = path.join(
  process.env["KF_TEST_CHARTS"] ?? path.resolve(projectRoot, "../shared/charts"),
  "metallb",
  version,
);

const peers = [
  { address: "10.0.0.1", asn: 64512, myAsn: 64513 },
  { address: "2001:db8::1", asn: 4_200_000_000, myAsn: 64513, port: 1179, multiHop: true },
];
const pools = [...onePool.pools, { name: "spare", addresses: ["2001:db8::/120", "10.0.0.0/28"], autoAssign: false }];
const described = {
  "by ARP": { pools, interfaces: ["eth1"] },
  "by BGP": { pools, announce: "bgp", peers },
} as const;

const settingsOf = (more: object) => {
  const { metallb } = behindMetallb(more as Record<string, unknown>);
  assert.ok(metallb);
  return metallb;
};

describe("MetalLB", () => {
  it("is given only values that its chart takes", async function () {
    if (!existsSync(chart)) notRun(this, `no chart in ${chart}; set KF_TEST_CHARTS`);
    const real = await loadChart(chart);
    for (const more of Object.values(described)) checkValues(real, metallbValues(settingsOf(more)));
  });

  for (const [how, more] of Object.entries(described)) {
    it(`is told of its pools and who announces them, ${how}, as its own schemas have it`, async function () {
      this.timeout(120_000);
      const schemas = await ownSchemas();
      if (schemas === undefined) {
        notRun(this, `go.universe.tf/metallb@v${version} cannot be had: no go, or no module proxy`);
      }
      for (const { object } of metallbObjects(settingsOf(more))) {
        const validate = schemas.get(`${object.apiVersion} ${object.kind}`);
        assert.ok(validate, `MetalLB ${version} has no ${object.kind} in ${object.apiVersion}`);
        assert.ok(validate(object), `${object.metadata.name}: ${JSON.stringify(validate.errors)}`);
      }
    });
  }

  it("speaks BGP only when it is to", () => {
    const kinds = (more: object) => metallbObjects(settingsOf(more)).map(({ object }) => object.kind);
    assert.deepEqual(metallbValues(settingsOf(onePool)), { frrk8s: { enabled: false } });
    assert.deepEqual(kinds(onePool), ["IPAddressPool", "L2Advertisement"]);
    assert.deepEqual(metallbValues(settingsOf(described["by BGP"])), { frrk8s: { enabled: true } });
    assert.deepEqual(kinds(described["by BGP"]), [
      "IPAddressPool",
      "IPAddressPool",
      "BGPPeer",
      "BGPPeer",
      "BGPAdvertisement",
    ]);
  });

  it("announces its own pools, which are there before, and no one else's", () => {
    for (const more of Object.values(described)) {
      const announcement = metallbObjects(settingsOf(more)).find(({ key }) => key === "announcement");
      assert.deepEqual(announcement?.needs, ["pool-kubeflow", "pool-spare"]);
      assert.deepEqual(announcement.object.spec["ipAddressPools"], ["kubeflow", "spare"]);
    }
  });
});

/** The schemas of MetalLB's kinds, by version and kind, out of its module; closed, as the API server drops what is unknown. */
async function ownSchemas(): Promise<ReadonlyMap<string, ValidateFunction> | undefined> {
  const module = await execa("go", ["mod", "download", "-json", `go.universe.tf/metallb@v${version}`], {
    reject: false,
  });
  if (module.failed) return undefined;
  const { Dir } = JSON.parse(module.stdout) as { readonly Dir: string };
  const folder = path.join(Dir, "config", "crd", "bases");
  const texts = (await readdir(folder)).map((file) => readFile(path.join(folder, file), "utf8"));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const crds = (await Promise.all(texts)).map((text) => parse(text) as Crd);
  const schemas = crds.flatMap(({ spec: { group, names, versions } }) =>
    versions.map(
      ({ name, schema }) => [`${group}/${name} ${names.kind}`, ajv.compile(schemaOf(schema.openAPIV3Schema))] as const,
    ),
  );
  return new Map(schemas);
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: unknown } }[];
  };
}

function schemaOf(schema: unknown): Record<string, unknown> {
  const closed = close(schema);
  assert.ok(isRecord(closed) && isRecord(closed["properties"]));
  // Every object has metadata of Kubernetes's own.
  return { ...closed, properties: { ...closed["properties"], metadata: { type: "object" } } };
}

function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (!isRecord(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  return isRecord(schema["properties"]) && schema["type"] === "object"
    ? { ...inner, additionalProperties: false }
    : inner;
}
