#!/usr/bin/env node
// `kf`: hands over to main.ts, on a Node that can run it.
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nodeFolder, run } from "./bootstrap.mjs";

const main = path.join(path.dirname(fileURLToPath(import.meta.url)), "main.ts");

if (nodeFolder() === path.dirname(process.execPath)) await import("./main.ts");
else process.exitCode = await run("node", [main, ...process.argv.slice(2)]);
