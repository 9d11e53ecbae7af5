/**
 * No secret in any output of the Pulumi CLI as this project drives it, nor of the CLI by itself: the same search as in
 * secrets.test.ts, on a small stack. The tests build on each other, in order.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensurePulumi } from "../../tools/pulumi.ts";
import { SecretSearch, type RunOptions } from "../support/secret-search.ts";
import { writeSmallStack } from "../support/secret-stacks.ts";

describe("secrets under the Pulumi CLI", function () {
  this.timeout(10 * 60_000);
  let search: SecretSearch;
  const pulumi = (args: readonly string[], options: RunOptions = {}) =>
    search.run("pulumi", args, { byCliItself: true, ...options });

  const byKf = (command: string, ...more: readonly string[]) =>
    search.kf([command, "small", "--engine", "pulumi", "--diff", ...more]);
  /** The kubeconfig is there in clear: the worst moment to be killed. */
  const providerAtWork = async (): Promise<void> => {
    const folder = path.join(search.folder, "temporary");
    const isThere = async (): Promise<boolean> => {
      const names = await readdir(folder, { recursive: true });
      return names.some((name) => /^kf-pulumi-.*kubeconfig\d+$/.test(name));
    };
    for (let tries = 0; tries < 3_000 && !(await isThere()); tries += 1) await delay(10);
  };
  const stack = ["--stack", "small", "--non-interactive"];
  const apply = ["--yes", "--skip-preview"];

  before(async () => {
    const { folders } = await ensurePulumi(() => undefined);
    const PATH = [path.dirname(process.execPath), ...folders, process.env["PATH"] ?? ""].join(path.delimiter);
    search = await SecretSearch.open({ PATH });
    await writeSmallStack(search.checkout);
    await pulumi(["stack", "init", "small", "--non-interactive"]);
  });
  after(() => search.close());

  it("are not in what kf says and leaves", async () => {
    await byKf("up");
    const { stdout } = await pulumi(["stack", "export", ...stack]);
    assert.ok((await search.addGenerated("small", stdout)) >= 7);
    search.expectNone(search.findInFiles(), "after up");
    await byKf("preview", "--json");
    await byKf("up", "--json");
    await byKf("refresh");
  });

  it("are not in what a kill of kf leaves, once it runs again", async () => {
    await search.kf(["destroy", "small", "--engine", "pulumi", "--json"]);
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      await search.kf(["up", "small", "--engine", "pulumi", "--skip-preview"], {
        codes: [0, 1, undefined],
        meanwhile: async (pid) => {
          await providerAtWork();
          process.kill(pid, signal);
        },
        leavesPrivate: signal === "SIGKILL",
      });
      // The CLI of a killed kf goes on to its end; cut off, it leaves its lock.
      if (signal === "SIGKILL") await delay(15_000);
      await pulumi(["cancel", "--yes", ...stack], { codes: [0, 255] });
    }
    await byKf("preview");
    search.expectNone(search.findInFiles(), "after the next run");
  });

  it("are not in what the CLI says by itself", async () => {
    await pulumi(["config", "set", "--secret", "kubeconfig", ...stack], {
      input: await readFile(search.kubeconfig, "utf8"),
    });
    await pulumi(["preview", "--diff", ...stack]);
    await pulumi(["preview", "--json", ...stack]);
    await pulumi(["up", ...apply, "--diff", ...stack]);
    await pulumi(["refresh", ...apply, "--diff", ...stack]);
    await pulumi(["up", ...apply, "--json", ...stack]);
    await pulumi(["destroy", ...apply, "--diff", ...stack]);
  });

  it("are nowhere in the end", () => {
    search.expectNone(search.findInFiles(), "everything written");
  });
});
