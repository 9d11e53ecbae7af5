import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { projectRoot } from "../../shared/paths.ts";

describe("a program whose engine was killed", () => {
  it("ends, though its handler of errors writes to a pipe that nobody reads", async () => {
    const preload = path.join(projectRoot, "engine", "program-preload.ts");
    // As the SDK's runner does it: every uncaught error is told on stderr.
    const script = `
      process.on("uncaughtException", (error) => console.error(error));
      setInterval(() => console.error("still here"), 10);
    `;
    const program = spawn(process.execPath, ["--import", preload, "-e", script], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await once(program.stderr, "data");
    program.stderr.destroy();
    const [code] = (await once(program, "exit")) as [number | null];
    assert.equal(code, 1);
  });
});
