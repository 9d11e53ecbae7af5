/** The pack, started and asked as Pulumi's engine starts and asks a policy pack for Node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import analyzerGrpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzerPb, { type AnalyzerInfo, type AnalyzeResponse } from "@pulumi/pulumi/proto/analyzer_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { toStruct } from "../../engine/marshal.ts";
import { Secret, Unknown, type PropertyMap, type Value as EngineValue } from "../../engine/values.ts";
import type { Resource } from "../../policy/rule.ts";
import { isMap, unknown, type Properties, type Value } from "../../policy/values.ts";
import { projectRoot } from "../../shared/paths.ts";

const levels = ["advisory", "mandatory"];

export interface Diagnostic {
  readonly rule: string;
  readonly enforcement: string;
  readonly urn: string;
  readonly message: string;
}

export class StartedPack {
  readonly #client: analyzerGrpc.AnalyzerClient;
  readonly #stop: () => Promise<void>;

  constructor(client: analyzerGrpc.AnalyzerClient, stop: () => Promise<void>) {
    this.#client = client;
    this.#stop = stop;
  }

  info(): Promise<AnalyzerInfo.AsObject> {
    const { promise, resolve, reject } = Promise.withResolvers<AnalyzerInfo.AsObject>();
    this.#client.getAnalyzerInfo(new emptyPb.Empty(), (error, info) => {
      if (error === null) resolve(info.toObject());
      else reject(error);
    });
    return promise;
  }

  /** Switches a policy off, as `--policy-pack-config` can. */
  disable(policy: string): Promise<void> {
    const config = new analyzerPb.PolicyConfig();
    config.setEnforcementlevel(analyzerPb.EnforcementLevel.DISABLED);
    config.setProperties(toStruct({}));
    const request = new analyzerPb.ConfigureAnalyzerRequest();
    request.getPolicyconfigMap().set(policy, config);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#client.configure(request, (error) => {
      if (error === null) resolve(undefined);
      else reject(error);
    });
    return promise;
  }

  async analyze(resource: Resource): Promise<readonly Diagnostic[]> {
    const request = new analyzerPb.AnalyzeRequest();
    describe(request, resource);
    const found = await this.#ask((answer) => this.#client.analyze(request, answer));
    // The engine knows which resource it asked about.
    return found.map((diagnostic) => ({ ...diagnostic, urn: resource.urn }));
  }

  analyzeStack(resources: readonly Resource[]): Promise<readonly Diagnostic[]> {
    const request = new analyzerPb.AnalyzeStackRequest();
    request.setResourcesList(
      resources.map((resource) => {
        const message = new analyzerPb.AnalyzerResource();
        describe(message, resource);
        for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
          const dependencies = new analyzerPb.AnalyzerPropertyDependencies();
          dependencies.setUrnsList([...urns]);
          message.getPropertydependenciesMap().set(property, dependencies);
        }
        return message;
      }),
    );
    return this.#ask((answer) => this.#client.analyzeStack(request, answer));
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #ask(
    call: (answer: (error: grpc.ServiceError | null, response: AnalyzeResponse) => void) => void,
  ): Promise<readonly Diagnostic[]> {
    const { promise, resolve, reject } = Promise.withResolvers<AnalyzeResponse>();
    call((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
    return (await promise).getDiagnosticsList().map((diagnostic) => ({
      rule: diagnostic.getPolicyname(),
      enforcement: levels[diagnostic.getEnforcementlevel()] ?? "",
      urn: diagnostic.getUrn(),
      message: diagnostic.getMessage(),
    }));
  }
}

/**
 * Starts it: `node @pulumi/pulumi/cmd/run-policy-pack ENGINE PACK` in the pack's folder, with the stack's configuration
 * in the environment (pulumi-language-nodejs, RunPlugin).
 */
export async function startPack(config: Readonly<Record<string, string>> | undefined): Promise<StartedPack> {
  const folder = path.join(projectRoot, "policy");
  const runner = createRequire(path.join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", folder], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      ...(config === undefined ? {} : { PULUMI_CONFIG: JSON.stringify(config) }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const exited = once(child, "exit");
  const line = once(createInterface(child.stdout), "line");
  const first = (await Promise.race([line, exited.then(() => undefined)])) as readonly [string] | undefined;
  if (first === undefined) throw new Error(`the pack ended\n${errors.join("")}`);
  const client = new analyzerGrpc.AnalyzerClient(`127.0.0.1:${first[0]}`, grpc.credentials.createInsecure());
  return new StartedPack(client, async () => {
    client.close();
    child.kill();
    await exited;
  });
}

/** What the two requests have in common. */
function describe(
  message: InstanceType<typeof analyzerPb.AnalyzeRequest> | InstanceType<typeof analyzerPb.AnalyzerResource>,
  { urn, type, props, protect, provider }: Resource,
): void {
  message.setUrn(urn);
  message.setType(type);
  message.setName(urn.split("::").at(-1) ?? "");
  message.setProperties(toStruct(onTheWire(props)));
  const options = new analyzerPb.AnalyzerResourceOptions();
  options.setProtect(protect);
  message.setOptions(options);
  if (provider === undefined) return;
  const described = new analyzerPb.AnalyzerProviderResource();
  described.setProperties(toStruct(onTheWire(provider)));
  message.setProvider(described);
}

/** As the engine has them: a Secret's data is secret there. */
function onTheWire(properties: Properties): PropertyMap {
  const entries = Object.entries(properties).map(([key, value]) => {
    const wire = toEngineValue(value);
    return [key, key === "data" || key === "stringData" ? new Secret(wire) : wire] as const;
  });
  return Object.fromEntries(entries);
}

function toEngineValue(value: Value): EngineValue {
  if (value === unknown) return Unknown.value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(toEngineValue);
  if (!isMap(value)) return value as EngineValue;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toEngineValue(item)]));
}
