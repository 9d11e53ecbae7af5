/**
 * Stands in for Pulumi's language host for Node where the CLI was built from Go modules, which do not hold it
 * (tools/pulumi.ts says when). The CLI starts it with the address of its engine, reads a port from the first line of
 * stdout and speaks `LanguageRuntime` to it. What it runs are the SDK's own launchers, as the official host does.
 */
import { newServer, listen } from "../../shared/grpc.ts";
import { addLanguageRuntime } from "./language-runtime.ts";

const engineAddress = process.argv.at(-1) ?? "";
const server = newServer();
addLanguageRuntime(server, engineAddress);
process.stdout.write(`${String(await listen(server))}\n`);
