/** Settings as a stack's file gives them, with everything left out that has a default. */
import { onpremSettings, type OnpremSettings } from "../../../components/onprem/settings.ts";

const least = { domain: "example.com", ingress: { kind: "node-port" }, storage: { defaultClass: "fast" } };

export function settingsWith(more: Readonly<Record<string, unknown>> = {}): OnpremSettings {
  return onpremSettings.parse({ ...least, ...more });
}

/** Behind MetalLB, with these pools. */
export function behindMetallb(metallb: Readonly<Record<string, unknown>>, ingress: object = {}): OnpremSettings {
  return settingsWith({ ingress: { kind: "metallb", ...ingress }, metallb });
}

export const onePool = { pools: [{ name: "kubeflow", addresses: ["192.168.10.20-192.168.10.29"] }] };
