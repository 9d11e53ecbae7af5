/** Azure's SDKs, asked what an operation sends: the request is caught before it leaves. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { OperationSpec } from "@azure/core-client";
import { Declarations } from "./declarations.ts";
import { schemaOfMapper } from "./mappers.ts";
import type { ObjectSchema, Schema } from "./schema.ts";

/** What a package's client is made with, as far as nothing is sent. */
const credential = { getToken: () => Promise.resolve({ token: "none", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
const subscription = "00000000-0000-4000-8000-000000000001";

/** How a client is made; `options` for those that have no `sendOperationRequest`. */
type MakeClient = (options: object) => object | Promise<object>;

const clients = {
  authorization: async () =>
    new (await import("@azure/arm-authorization")).AuthorizationManagementClient(credential, subscription),
  consumption: async () =>
    new (await import("@azure/arm-consumption")).ConsumptionManagementClient(credential, subscription),
  containerregistry: async () =>
    new (await import("@azure/arm-containerregistry")).ContainerRegistryManagementClient(credential, subscription),
  containerservice: async () =>
    new (await import("@azure/arm-containerservice")).ContainerServiceClient(credential, subscription),
  dns: async () => new (await import("@azure/arm-dns")).DnsManagementClient(credential, subscription),
  keyvault: async () => new (await import("@azure/arm-keyvault")).KeyVaultManagementClient(credential, subscription),
  locks: async () => new (await import("@azure/arm-locks")).ManagementLockClient(credential, subscription),
  monitor: async (options) => new (await import("@azure/arm-monitor")).MonitorClient(credential, subscription, options),
  msi: async () => new (await import("@azure/arm-msi")).ManagedServiceIdentityClient(credential, subscription),
  "mysql-flexible": async () =>
    new (await import("@azure/arm-mysql-flexible")).MySQLManagementFlexibleServerClient(credential, subscription),
  network: async () => new (await import("@azure/arm-network")).NetworkManagementClient(credential, subscription),
  operationalinsights: async () =>
    new (await import("@azure/arm-operationalinsights")).OperationalInsightsManagementClient(credential, subscription),
  privatedns: async (options) =>
    new (await import("@azure/arm-privatedns")).PrivateDnsManagementClient(credential, subscription, options),
  resources: async () => new (await import("@azure/arm-resources")).ResourceManagementClient(credential, subscription),
  storage: async () => new (await import("@azure/arm-storage")).StorageManagementClient(credential, subscription),
} satisfies Record<string, MakeClient>;

export type Sdk = keyof typeof clients;

/** An operation as its SDK has it. */
export interface Operation {
  /** `@azure/arm-network 33.5.0` */
  readonly source: string;
  readonly apiVersion: string;
  /** Parts of the URL, the subscription aside. */
  readonly url: ReadonlyMap<string, Schema>;
  readonly body: Schema;
}

/** @param name in the SDK's own words: `virtualNetworks.beginCreateOrUpdate`. */
export async function operationOf(sdk: Sdk, name: string): Promise<Operation> {
  const { source, declarations } = packageOf(import.meta.resolve(`@azure/arm-${sdk}/package.json`));
  const caught = await caughtRequest(clients[sdk], name);
  if ("url" in caught.request) {
    const { parameters, body } = declarations.operation(caught.client.constructor.name, name);
    const apiVersion = new URL(caught.request.url).searchParams.get("api-version") ?? "";
    return { source, apiVersion, url: new Map(parameters.map((parameter) => [parameter, { kind: "text" }])), body };
  }
  const { requestBody, urlParameters = [], queryParameters = [], serializer } = caught.request;
  if (requestBody === undefined || Array.isArray(requestBody.mapper)) throw new Error(`${name} has no body`);
  const objects = (object: string): ObjectSchema => declarations.object(object);
  const url = urlParameters.flatMap(({ mapper }): readonly (readonly [string, Schema])[] => {
    const { serializedName = "" } = mapper;
    if (["$host", "subscriptionId"].includes(serializedName)) return [];
    return [[serializedName, schemaOfMapper(mapper, serializer.modelMappers, objects)]];
  });
  const version = queryParameters.find(({ mapper }) => mapper.serializedName === "api-version")?.mapper;
  return {
    source,
    apiVersion: String(version?.defaultValue),
    url: new Map(url),
    body: schemaOfMapper(requestBody.mapper, serializer.modelMappers, objects),
  };
}

/** As much of a request as is looked at. */
interface SentRequest {
  readonly url: string;
}

export interface Package {
  readonly source: string;
  readonly declarations: Declarations;
}

const packages = new Map<string, Package>();

/** @param url of the package's manifest. */
export function packageOf(url: string): Package {
  const known = packages.get(url);
  if (known !== undefined) return known;
  const manifest = fileURLToPath(url);
  const { name, version, types } = JSON.parse(fs.readFileSync(manifest, "utf8")) as Record<string, string>;
  const declarations = new Declarations(path.resolve(path.dirname(manifest), types ?? "index.d.ts"));
  const found = { source: `${name ?? ""} ${version ?? ""}`, declarations };
  packages.set(url, found);
  return found;
}

interface Caught {
  readonly client: object;
  /** What the older kind of SDK describes it by, or the request of the newer one. */
  readonly request: OperationSpec | SentRequest;
}

class CaughtError extends Error {}

async function caughtRequest(make: MakeClient, name: string): Promise<Caught> {
  const seen: (OperationSpec | SentRequest)[] = [];
  const stop = (request: OperationSpec | SentRequest): Promise<never> => {
    seen.push(request);
    return Promise.reject(new CaughtError("nothing is sent"));
  };
  const client = await make({ httpClient: { sendRequest: stop }, retryOptions: { maxRetries: 0 } });
  Object.assign(client, { sendOperationRequest: (_: unknown, spec: OperationSpec) => stop(spec) });
  const [group = "", method = ""] = name.split(".");
  const operations: unknown = Reflect.get(client, group);
  const operation: unknown =
    typeof operations === "object" && operations !== null ? Reflect.get(operations, method) : undefined;
  if (typeof operation !== "function") throw new Error(`the SDK has no ${name}`);
  try {
    // As many arguments as any operation has; the last is taken for options.
    await Reflect.apply(operation, operations, ["a", "b", "c", {}, {}]);
  } catch (error) {
    if (!(error instanceof CaughtError)) throw error;
  }
  const [request] = seen;
  if (request === undefined) throw new Error(`${name} sent nothing`);
  return { client, request };
}
