/** `kubernetes:helm.sh/v3:Release` without Helm: planned everywhere, installed by a table of charts in a simulation only. */
import { UserError } from "../../shared/errors.ts";
import { text } from "../kubernetes/objects.ts";
import { wrapped, type LiveResource, type Provider, type ProviderFactory, type ResourceRef } from "../provider.ts";
import { nameOfUrn } from "../urn.ts";
import { isMap, Unknown, unwrapSecrets, type PropertyMap } from "../values.ts";
import { chartProblem, crdsOfChart } from "./charts.ts";
import { checkInputs, diffInputs, type InputRules } from "./check.ts";
import { delegate } from "./delegate.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";

/** What the real provider takes (`Release` in @pulumi/kubernetes/helm/v3). */
const release = {
  required: ["chart"],
  // prettier-ignore
  optional: [
    "allowNullValues", "atomic", "cleanupOnFail", "compat", "createNamespace", "dependencyUpdate", "description", "devel",
    "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate", "keyring", "lint", "maxHistory",
    "namespace", "postrender", "recreatePods", "renderSubchartNotes", "replace", "repositoryOpts", "resetValues",
    "reuseValues", "skipAwait", "skipCrds", "takeOwnership", "timeout", "valueYamlFiles", "values", "verify", "version",
    "waitForJobs",
  ],
  forceNew: ["name", "namespace"],
  autoName: { property: "name", maxLength: 53, separator: "-" },
} as const satisfies InputRules;

/** Who installs releases. */
type Installer = Pick<Provider, "create" | "read" | "update" | "delete"> & Required<Pick<Provider, "preflight">>;

/** The Kubernetes provider, with releases on a real cluster planned and then refused. */
export function withRefusedReleases(factory: ProviderFactory): ProviderFactory {
  return wrapped(factory, async (config) => withReleases(await factory(config), refusing));
}

/** The Kubernetes provider of a cluster that is simulated: a release brings the kinds of its chart, and runs nothing. */
export function withSimulatedReleases(factory: ProviderFactory): ProviderFactory {
  return wrapped(factory, async (config) => {
    const kubernetes = await factory(config);
    return withReleases(kubernetes, new SimulatedInstaller(kubernetes));
  });
}

function withReleases(kubernetes: Provider, installer: Installer): Provider {
  const isRelease = ({ type }: ResourceRef): boolean => type === releaseType;
  const by = (resource: ResourceRef) => (isRelease(resource) ? installer : kubernetes);
  return delegate(kubernetes, {
    check: (resource, olds, news) =>
      isRelease(resource) ? check(resource, olds, news) : kubernetes.check(resource, olds, news),
    diff: (resource, old, news) =>
      isRelease(resource)
        ? Promise.resolve(diffInputs(resource, release, old, news))
        : kubernetes.diff(resource, old, news),
    plan: (resource, inputs, old) =>
      isRelease(resource) ? { outputs: inputs } : kubernetes.plan(resource, inputs, old),
    async preflight(creates) {
      const [releases, objects] = [true, false].map((wanted) =>
        creates.filter(({ resource }) => isRelease(resource) === wanted),
      );
      const found = [installer.preflight(releases ?? []), kubernetes.preflight?.(objects ?? []) ?? Promise.resolve([])];
      return (await Promise.all(found)).flat();
    },
    rehearse: async (changes, all) => {
      const objects = changes.filter(({ resource }) => !isRelease(resource));
      return (await kubernetes.rehearse?.(objects, all)) ?? [];
    },
    create: (resource, inputs, signal) => by(resource).create(resource, inputs, signal),
    read: (resource, known) => by(resource).read(resource, known),
    update: (resource, old, news, signal) => by(resource).update(resource, old, news, signal),
    delete: (resource, old, signal) => by(resource).delete(resource, old, signal),
  });
}

function check(resource: ResourceRef, olds: PropertyMap | undefined, news: PropertyMap) {
  const { inputs, failures } = checkInputs(resource, release, olds, news);
  return Promise.resolve({ inputs: { ...inputs, namespace: inputs["namespace"] ?? "default" }, failures });
}

const needsPulumi = ({ urn }: ResourceRef): string =>
  `the Helm release ${nameOfUrn(urn)} is installed by the real Kubernetes provider only, because its chart has hooks that ` +
  "Helm has to run: use the Pulumi CLI (kf up STACK --engine pulumi). The offline engine plans it";

const refuse = (resource: ResourceRef): Promise<never> => Promise.reject(new UserError(needsPulumi(resource)));

const refusing: Installer = {
  preflight: (creates) => Promise.resolve(creates.map(({ resource }) => needsPulumi(resource))),
  create: refuse,
  update: refuse,
  delete: refuse,
  // What is there of it only Helm knows.
  read: (_resource, known) => Promise.resolve(known),
};

class SimulatedInstaller implements Installer {
  readonly #kubernetes: Provider;

  constructor(kubernetes: Provider) {
    this.#kubernetes = kubernetes;
  }

  preflight(creates: readonly { readonly inputs: PropertyMap }[]): Promise<readonly string[]> {
    return Promise.resolve(creates.flatMap(({ inputs }) => problemOf(inputs) ?? []));
  }

  async create(resource: ResourceRef, inputs: PropertyMap, signal: AbortSignal) {
    const { name, namespace } = inputs;
    return { id: `${text(namespace)}/${text(name)}`, ...(await this.#install(resource, inputs, 1, signal)) };
  }

  update(resource: ResourceRef, old: LiveResource, news: PropertyMap, signal: AbortSignal) {
    const status = old.outputs["status"];
    const revision = isMap(status) && typeof status["revision"] === "number" ? status["revision"] : 0;
    return this.#install(resource, news, revision + 1, signal);
  }

  async read({ urn }: ResourceRef, known: LiveResource): Promise<LiveResource | undefined> {
    if (problemOf(known.inputs) !== undefined) return undefined;
    const found = await Promise.all(
      objectsOf(known.inputs).map((inputs) =>
        this.#kubernetes.read(refOf(urn, inputs), { id: "", inputs, outputs: {} }),
      ),
    );
    return found.includes(undefined) ? undefined : known;
  }

  /** Helm would leave the kinds and the namespace, which then go with the cluster. */
  async delete({ urn }: ResourceRef, old: LiveResource, signal: AbortSignal): Promise<void> {
    await Promise.all(
      objectsOf(old.inputs).map((inputs) =>
        this.#kubernetes.delete(refOf(urn, inputs), { id: "", inputs, outputs: {} }, signal),
      ),
    );
  }

  async #install({ urn }: ResourceRef, inputs: PropertyMap, revision: number, signal: AbortSignal) {
    const problem = problemOf(inputs);
    if (problem !== undefined) throw new UserError(problem);
    await Promise.all(objectsOf(inputs).map((object) => this.#kubernetes.create(refOf(urn, object), object, signal)));
    const { name, namespace, chart, version } = inputs;
    const status = {
      status: "deployed",
      name: name ?? "",
      namespace: namespace ?? "",
      chart: chart ?? "",
      ...(version === undefined ? {} : { version }),
      revision,
    };
    return { outputs: { ...inputs, status } };
  }
}

function problemOf({ chart }: PropertyMap): string | undefined {
  return chart instanceof Unknown ? undefined : chartProblem(text(unwrapSecrets(chart ?? "")));
}

/** What a release makes in the simulated cluster. */
function objectsOf(inputs: PropertyMap): readonly PropertyMap[] {
  const { chart, namespace, createNamespace, skipCrds } = unwrapSecrets(inputs) as PropertyMap;
  const crds = crdsOfChart(text(chart));
  return [
    ...(skipCrds === true ? [] : crds),
    ...(createNamespace === true ? [{ apiVersion: "v1", kind: "Namespace", metadata: { name: text(namespace) } }] : []),
  ];
}

function refOf(urn: string, { apiVersion, kind }: PropertyMap): ResourceRef {
  const version = text(apiVersion);
  return { urn, type: `kubernetes:${version.includes("/") ? version : `core/${version}`}:${text(kind)}` };
}
