/** The program: configuration, target, platform, outputs. It runs under the Pulumi CLI and under `kf` alike. */
import { KubeflowPlatform } from "../components/kubeflow/platform.ts";
import { platformSettingsOf } from "./config.ts";
import { loadStackConfig } from "./load-config.ts";
import { loadRelease } from "./release.ts";
import { targets } from "./targets.ts";

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

/** The Kubeflow release that is installed. */
export const release = rendered.name;
/** sha256 of everything that was rendered: two stacks with one digest run the same objects, byte for byte. */
export const digest = rendered.digest;
/** Objects registered, CRDs included. */
export const objects = platform.installed;
/** Who logs in first, and owns the first profile. */
export const adminEmail = platform.adminPassword === undefined ? undefined : config.adminEmail;
/** Secret: `pulumi stack output adminPassword --show-secrets`, or `kf state outputs --show-secrets`. */
export const adminPassword = platform.adminPassword;
/** Of a cluster that this stack made: contents of a kubeconfig; secret. */
export const kubeconfig = config.kubeconfig === undefined ? target.kubeconfig : undefined;
export const dashboardUrl = target.access?.dashboardUrl;
/** The command that writes an entry for the cluster into a person's own kubeconfig. */
export const login = target.access?.kubeconfigCommand;
/** What is left to do by hand, in order. */
export const nextSteps = target.access?.nextSteps;
/** Where artifacts go. */
export const bucket = target.objectStore?.url;
export const registry = target.registry?.url;
