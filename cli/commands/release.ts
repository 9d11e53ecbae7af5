import { Command, Option } from "commander";
import type { RenderedRelease } from "../../release/types.ts";
import { loadLock } from "../../release/lock.ts";
import { Phases } from "../progress.ts";

interface ReleaseFlags {
  readonly mirror?: string;
  readonly crds: "lean" | "full";
  readonly json?: true;
  readonly quiet?: true;
}

/** `kf release`: which Kubeflow, from where, and what is in it. */
export function releaseCommand(): Command {
  const release = new Command("release").description("fetch, lock and render a Kubeflow release, list its images");
  subcommand(release, "fetch", "fetch the sources of a release to the cache and check their digests").action(
    async (name: string, flags: ReleaseFlags) => {
      const { fetchRelease } = await import("../../release/fetch.ts");
      const sources = await new Phases(flags.quiet).run(`fetch ${name}`, async (report) =>
        fetchRelease({ lock: await loadLock(name), ...from(flags), progress: report }),
      );
      print(
        flags,
        sources,
        sources.map((source) => `${source.name}\t${source.sha256}\t${source.place ?? "in the cache"}`),
      );
    },
  );
  subcommand(
    release,
    "lock",
    "compute the digests of a release from what is fetched, and print the lock to review",
  ).action(async (name: string, flags: ReleaseFlags) => {
    const { lockRelease } = await import("../../release/relock.ts");
    const text = await new Phases(flags.quiet).run(`lock ${name}`, async (report) =>
      lockRelease({ lock: await loadLock(name), ...from(flags), progress: report }),
    );
    process.stdout.write(text);
  });
  subcommand(release, "render", "render a release; with --out, one file per object for GitOps")
    .option("--out <folder>", "write the objects there: an empty folder, or one that was written before")
    .action(async (name: string, flags: ReleaseFlags & { readonly out?: string }) => {
      const rendered = await render(name, flags);
      const { out } = flags;
      if (out !== undefined) {
        const { writeRelease } = await import("../../release/write.ts");
        await new Phases(flags.quiet).run(`write ${out}`, () => writeRelease(rendered, out));
      }
      const { digest, crds, objects, sample } = rendered;
      const facts = { release: name, digest, sample, crds: crds.length, objects: objects.length };
      print(
        flags,
        { ...facts, out },
        Object.entries(facts).map(([key, value]) => `${key}\t${String(value)}`),
      );
    });
  subcommand(release, "images", "list every container image of a release and the objects that run it").action(
    async (name: string, flags: ReleaseFlags) => {
      const { listImages } = await import("../../release/images.ts");
      const images = listImages(await render(name, flags));
      print(
        flags,
        images,
        images.map(
          ({ image, usedBy }) => `${image}\t${usedBy.map(({ object, via }) => `${object} (${via})`).join(", ")}`,
        ),
      );
    },
  );
  return release;
}

function subcommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument("[release]", "a release of release/locks, or sample", "26.03")
    .option("--mirror <folder or url>", "where to look first (default: KF_MIRROR)")
    .addOption(
      new Option("--crds <style>", "lean drops the texts of the CRDs' schemas")
        .choices(["lean", "full"])
        .default("lean"),
    )
    .option("--json", "print JSON")
    .option("--quiet", "no progress");
}

function from({ mirror }: ReleaseFlags): { readonly mirror?: string } {
  return mirror === undefined ? {} : { mirror };
}

async function render(name: string, flags: ReleaseFlags): Promise<RenderedRelease> {
  const { bareRelease, loadRelease } = await import("../../stacks/release.ts");
  return new Phases(flags.quiet).run(`render ${name}`, (report) =>
    loadRelease(bareRelease(name, flags.crds), { ...from(flags), progress: report }),
  );
}

function print(flags: ReleaseFlags, json: unknown, lines: readonly string[]): void {
  process.stdout.write(flags.json === true ? `${JSON.stringify(json, undefined, 2)}\n` : `${lines.join("\n")}\n`);
}
