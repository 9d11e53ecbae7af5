/** Imports point one way: cli -> engine, sandbox -> stacks -> components -> release -> kubernetes -> shared. */
const never = (from, to, comment) => ({
  name: `${from} does not import ${to}`,
  severity: "error",
  comment,
  from: { path: `^${from}` },
  to: { path: `^(${to})` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: "no cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    never("kubernetes/", "cli|stacks|components|release|engine|sandbox|plugins", "the client knows nothing of us"),
    never("release/", "cli|stacks|components|engine|sandbox|plugins", "a release is data"),
    never("engine/", "cli|stacks|components|release|sandbox|plugins", "the engine runs any program"),
    never("sandbox/", "cli|stacks|components|release|engine|plugins", "the sandbox is a cluster, nothing more"),
    never("components/", "cli|stacks|engine|sandbox|plugins", "components are usable alone"),
    never("components/contracts/", "components/(gke|eks|aks|onprem|kubeflow)", "the contract names no cloud"),
    never("components/kubeflow/", "components/(gke|eks|aks|onprem)", "the platform asks facts, not brands"),
    never("stacks/", "cli|engine|sandbox|plugins", "the program also runs under the Pulumi CLI"),
    never(
      "policy/",
      "cli|stacks|components/(?!shared/)|release|kubernetes|engine|sandbox|plugins|shared",
      "both engines load the rules",
    ),
    never("plugins/", "cli|stacks|components|sandbox", "a plugin serves one provider of the engine"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
