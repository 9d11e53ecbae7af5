import assert from "node:assert/strict";
import { kf } from "../support/kf.ts";

describe("kf", () => {
  const wrong: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ["an unknown command", ["frobnicate"], /unknown command 'frobnicate'/],
    ["an unknown option", ["up", "--fast"], /unknown option '--fast'/],
    ["a number that is none", ["up", "--parallel", "x"], /'x' is invalid.*whole number from 1 on/],
    ["an unknown stack", ["up", "nope"], /Unknown stack nope. Known: .*local-dev/],
    ["an unknown release", ["release", "fetch", "1.0"], /1\.0/],
    ["an unknown choice", ["preview", "--engine", "magic"], /offline, pulumi/],
    ["a pattern that fits no stack", ["preview", "nope-*"], /no stack nope-\*; known: .*local-dev/],
    ["a simulation of what is no cloud", ["up", "--simulate"], /target sandbox is no cloud.*allowed: gke, eks, aks/],
    ["a fault of a real cloud", ["up", "aws-dev", "--fault", "x"], /add --simulate/],
    ["a simulation by the Pulumi CLI", ["up", "aws-dev", "--simulate", "--engine", "pulumi"], /leave one out/],
    [
      "a target for the offline engine",
      ["up", "local-dev", "-t", "urn:a", "--target", "urn:b", "--target-dependents"],
      /--target: .*Allowed: kf up local-dev --engine pulumi --target 'urn:a' --target 'urn:b' --target-dependents/,
    ],
    ["a target in several stacks", ["preview", "--all", "-t", "urn:a"], /--target: .*name that stack only/],
    [
      "a refresh of what is not asked",
      ["preview", "gcp-dev", "-r"],
      /--refresh: this plan asks no cloud.*--engine pulumi/,
    ],
    ["a real cloud by the offline engine", ["up", "aws-dev", "--engine", "offline"], /--engine pulumi.*or --simulate/],
    [
      "a fault of no known type",
      ["up", "aws-dev", "--simulate", "--fault", "aws:eks/custer:Cluster:create=slow"],
      /did you mean aws:eks\/cluster:Cluster\? Allowed: .*aws:s3\/bucket:Bucket/,
    ],
  ];
  for (const [title, args, message] of wrong) {
    it(`exits with 2 and says what is allowed: ${title}`, async () => {
      const { code, stdout, stderr } = await kf(args, {});
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  const unagreed: readonly (readonly [args: readonly string[], message: string])[] = [
    [["up"], "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"],
    ...["destroy", "refresh"].map(
      (command) =>
        [
          [command],
          "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
        ] as const,
    ),
    [["up", "--engine", "pulumi"], "--yes or --skip-preview must be passed in"],
    [["up", "--json"], "--yes or --skip-preview must be passed in to proceed with --json"],
    [["refresh", "--preview-only", "--yes"], "--yes and --preview-only cannot be used together"],
    [["destroy", "--preview-only", "-f"], "--skip-preview and --preview-only cannot be used together"],
  ];
  for (const [args, message] of unagreed) {
    it(`changes nothing that nobody agreed to: ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await kf(args, { PULUMI_SKIP_CONFIRMATIONS: "" });
      assert.equal(code, 2, stderr);
      assert.ok(stderr.startsWith(`kf: ${message}`), stderr);
      assert.equal(stdout, "");
    });
  }

  it("has a help for every command, on stdout", async () => {
    for (const command of [[], ["up"], ["release", "render"], ["sandbox", "start"], ["state", "size"], ["doctor"]]) {
      const { code, stdout } = await kf([...command, "--help"], {});
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: kf/);
    }
  });
});
