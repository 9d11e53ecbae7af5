import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { create } from "tar";
import { fetchChart, pinChart, type ChartFetchOptions } from "../../../release/helm/fetch.ts";
import { sha256 } from "../../../release/json.ts";
import type { LockedChart } from "../../../release/lock.ts";
import { treeDigest } from "../../../release/tree.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { openWorkshop, publish, refusal, type Workshop } from "./support.ts";

const ownPath = "test/release/helm/fixtures/chart";

describe("fetching a chart", () => {
  let workshop: Workshop;
  let chart: LockedChart;
  let options: ChartFetchOptions;
  let stable: string;
  before(async () => {
    workshop = await openWorkshop();
    chart = await publish(workshop);
    stable = path.join(workshop.mirror, "charts.example", "stable");
    options = { helm: () => Promise.resolve(workshop.helm), mirror: workshop.mirror, progress: workshop.progress };
  });
  after(() => workshop.close());

  /** Packs `folder` as an archive that only the mirror has. */
  async function pack(name: string, write: (folder: string) => Promise<void>): Promise<Omit<LockedChart, "sha256">> {
    const folder = path.join(workshop.folder, `by-hand-${name}`);
    await mkdir(path.join(folder, name), { recursive: true });
    await write(path.join(folder, name));
    await create({ gzip: true, file: path.join(stable, `${name}.tgz`), cwd: folder }, [name]);
    return { name, version: "1.0.0", url: `https://charts.example/stable/${name}.tgz` };
  }

  it("pins the archive's own digest, and finds it again in the cache without the mirror", async () => {
    assert.equal(chart.sha256, sha256(await readFile(path.join(stable, "demo-1.2.3.tgz"))));
    const fetched = await fetchChart(chart, { ...options, mirror: path.join(workshop.folder, "no-such-mirror") });
    assert.equal(fetched.chart.version, "1.2.3");
    assert.deepEqual(
      fetched.chart.dependencies.map(({ key, chart }) => [key, chart?.name]),
      [
        ["worker", "worker"],
        ["second", "worker"],
      ],
    );
  });

  it("finds one archive by its URL, by its repository and by its OCI reference in a mirror", async () => {
    const { sha256 } = chart;
    const oci = path.join(workshop.mirror, "registry.example", "charts");
    await mkdir(oci, { recursive: true });
    await copyFile(path.join(stable, "demo-1.2.3.tgz"), path.join(oci, "demo-1.2.3.tgz"));
    for (const place of [
      { url: "https://charts.example/stable/demo-1.2.3.tgz" },
      { url: "https://charts.example/stable/" },
      { oci: "oci://registry.example/charts/demo" },
    ]) {
      assert.equal((await pinChart({ name: "demo", version: "1.2.3", ...place }, options)).sha256, sha256);
    }
  });

  it("looks an archive up in the index of its repository where the name says nothing", async () => {
    const other = path.join(workshop.mirror, "charts.example", "indexed");
    await mkdir(other, { recursive: true });
    await copyFile(path.join(stable, "demo-1.2.3.tgz"), path.join(other, "archive-17.tgz"));
    await writeFile(
      path.join(other, "index.yaml"),
      "apiVersion: v1\nentries:\n  demo:\n    - {version: 1.2.3, urls: [archive-17.tgz]}\n    - {version: 1.2.2, urls: [x]}\n",
    );
    const url = "https://charts.example/indexed";
    assert.equal((await pinChart({ name: "demo", version: "1.2.3", url }, options)).sha256, chart.sha256);
    const { message } = await refusal(pinChart({ name: "demo", version: "9.9.9", url }, options));
    assert.match(message, /index\.yaml has no chart demo 9\.9\.9; it has 1\.2\.3, 1\.2\.2/);
  });

  it("fetches from a server where the mirror is a URL", async () => {
    const archive = await readFile(path.join(stable, "demo-1.2.3.tgz"));
    const server = http.createServer((request, response) => {
      if (request.url === "/m/far.example/demo-1.2.3.tgz") response.end(archive);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const mirror = `http://127.0.0.1:${port}/m`;
      const reference = { name: "demo", version: "1.2.3", url: "https://far.example" };
      assert.equal((await pinChart(reference, { ...options, mirror })).sha256, chart.sha256);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("shows both digests when the bytes are not the pinned ones, and keeps nothing of them", async () => {
    const expected = "a".repeat(64);
    const wrong = { ...chart, sha256: expected };
    for (const attempt of [1, 2]) {
      const { message } = await refusal(fetchChart(wrong, options));
      assert.ok(message.includes(expected) && message.includes(chart.sha256), `attempt ${attempt}: ${message}`);
      assert.match(message, /chart demo 1\.2\.3 from .*demo-1\.2\.3\.tgz/);
    }
  });

  it("names a truncated archive, and one that leaves its folder", async () => {
    const bytes = await readFile(path.join(stable, "demo-1.2.3.tgz"));
    await writeFile(path.join(stable, "cut.tgz"), bytes.subarray(0, bytes.length / 2));
    const cut = { name: "cut", version: "1.0.0", url: "https://charts.example/stable/cut.tgz" };
    assert.match(
      (await refusal(pinChart(cut, options))).message,
      /archive cut 1\.0\.0 from .* is damaged or truncated/,
    );

    const outside = path.join(workshop.folder, "outside");
    await mkdir(path.join(outside, "chart"), { recursive: true });
    await writeFile(path.join(outside, "evil.txt"), "x");
    const file = path.join(stable, "evil.tgz");
    await create({ gzip: true, file, cwd: path.join(outside, "chart"), preservePaths: true }, ["../evil.txt"]);
    const evil = { name: "evil", version: "1.0.0", url: "https://charts.example/stable/evil.tgz" };
    assert.match((await refusal(pinChart(evil, options))).message, /evil\.txt" leaves the folder/);
  });

  it("names the subcharts that an archive lacks", async () => {
    const reference = await pack("lonely", (folder) =>
      writeFile(
        path.join(folder, "Chart.yaml"),
        "apiVersion: v2\nname: lonely\nversion: 1.0.0\ndependencies: [{name: friend, version: 1.0.0}]\n",
      ),
    );
    const pinned = await pinChart(reference, options);
    assert.match(
      (await refusal(fetchChart(pinned, options))).message,
      /lonely 1\.0\.0 needs friend, which its archive/,
    );
  });

  it("refuses a chart of another name or version than the lock says", async () => {
    const { message } = await refusal(fetchChart({ ...chart, version: "1.2.4" }, options));
    assert.match(message, /chart demo 1\.2\.4: what the lock names is demo 1\.2\.3/);
  });

  it("names an archive without a chart, and a Chart.yaml that lacks its name", async () => {
    const empty = await pack("empty", (folder) => writeFile(path.join(folder, "README.md"), "nothing"));
    assert.match((await refusal(fetchChart(await pinChart(empty, options), options))).message, /no Chart\.yaml/);
    const nameless = await pack("nameless", (folder) => writeFile(path.join(folder, "Chart.yaml"), "version: 1.0.0"));
    assert.match(
      (await refusal(fetchChart(await pinChart(nameless, options), options))).message,
      /Chart\.yaml[\s\S]*name/,
    );
  });

  it("takes a chart of this project by its folder, pinned by the digest of its files", async () => {
    const own = await pinChart({ name: "demo", version: "1.2.3", path: ownPath }, options);
    assert.equal(own.sha256, await treeDigest(path.join(projectRoot, ownPath)));
    assert.equal((await fetchChart(own, options)).source, path.join(projectRoot, ownPath));
    const { message } = await refusal(fetchChart({ ...own, sha256: "b".repeat(64) }, options));
    assert.ok(message.includes(own.sha256) && message.includes("b".repeat(64)));
    assert.match(
      (await refusal(fetchChart({ ...own, path: "../elsewhere" }, options))).message,
      /folder of this project/,
    );
  });

  it("says what to do when a registry does not answer", async () => {
    const helm = path.join(workshop.folder, "helm-without-network");
    await writeFile(helm, "#!/bin/sh\necho 'Error: dial tcp: lookup registry.example: no such host' >&2\nexit 1\n", {
      mode: 0o755,
    });
    const reference = { name: "demo", version: "7.0.0", oci: "oci://registry.example/charts/demo" };
    const { message } = await refusal(pinChart(reference, { ...options, helm: () => Promise.resolve(helm) }));
    assert.match(message, /cannot pull oci:.*no such host.*KF_MIRROR.*registry\.example\/charts\/demo-7\.0\.0\.tgz/s);
  });

  it("takes what `helm pull` brings", async () => {
    const helm = path.join(workshop.folder, "helm-with-registry");
    const archive = path.join(stable, "demo-1.2.3.tgz");
    await writeFile(helm, `#!/bin/sh\n[ "$1 $2 $4" = "pull oci://far.example/demo 1.2.3" ] && cp '${archive}' "$6"\n`, {
      mode: 0o755,
    });
    const reference = { name: "demo", version: "1.2.3", oci: "oci://far.example/demo" };
    const pinned = await pinChart(reference, { ...options, helm: () => Promise.resolve(helm) });
    assert.equal(pinned.sha256, chart.sha256);
  });
});
