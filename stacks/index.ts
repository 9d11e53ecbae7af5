/** The program: configuration, target, platform, outputs. It runs under the Pulumi CLI and under `kf` alike. */
import { KubeflowPlatform } from "../components/kubeflow/platform.ts";
import { dropSdkTraces } from "../shared/sdk-traces.ts";
import { platformSettingsOf } from "./config.ts";
import { loadStackConfig } from "./load-config.ts";
import { loadRelease } from "./release.ts";
import { targets } from "./targets.ts";

dropSdkTraces();

const config = loadStackConfig();
const rendered = await loadRelease(config);
const target = await targets[config.target](config);
const platform = new KubeflowPlatform("kubeflow", {
  target,
  release: rendered,
  adminEmail: config.adminEmail,
  rotation: config.rotate,
  settings: platformSettingsOf(config),
  secrets: config.secrets,
});

const { access } = target;
/** The stack's outputs: what there is of them. To an export that is undefined the SDK has a warning. */
const outputs = {
  /** The Kubeflow release that is installed. */
  release: rendered.name,
  /** sha256 of everything that was rendered: two stacks with one digest run the same objects, byte for byte. */
  digest: rendered.digest,
  /** Objects registered, CRDs included. */
  objects: platform.installed,
  /** Who logs in first, and owns the first profile. */
  adminEmail: platform.adminPassword === undefined ? undefined : config.adminEmail,
  /** Secret: `pulumi stack output adminPassword --show-secrets`, or `kf state outputs --show-secrets`. */
  adminPassword: platform.adminPassword,
  /** Secret: of Dex's other users, by address. */
  userPasswords: Object.keys(platform.userPasswords).length === 0 ? undefined : platform.userPasswords,
  /** Of a cluster that this stack made: contents of a kubeconfig; secret. */
  kubeconfig: config.kubeconfig === undefined ? target.kubeconfig : undefined,
  dashboardUrl: config.edge?.domain === undefined ? access?.dashboardUrl : `https://${config.edge.domain}`,
  /** The command that writes an entry for the cluster into a person's own kubeconfig. */
  login: access?.kubeconfigCommand,
  /** What is left to do by hand, in order. */
  nextSteps: access?.nextSteps,
  /** Where artifacts go. */
  bucket: target.objectStore?.url,
  registry: target.registry?.url,
};
export default Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
