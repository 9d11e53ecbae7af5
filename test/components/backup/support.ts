/** Release 26.03 with a target and settings of a test, as the storage and the backup concern leave it. */
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { backup } from "../../../components/backup/backup.ts";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { customise, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { platformSettings } from "../../../components/kubeflow/settings.ts";
import { storage } from "../../../components/kubeflow/storage/storage.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { record, type Recording } from "../../support/recording.ts";
import { plainTarget } from "../storage/support.ts";

interface Given {
  readonly backup?: object;
  readonly storage?: object;
  readonly tenants?: object;
  readonly target: Partial<ClusterTarget>;
}

export async function backedUp(
  release: RenderedRelease,
  given: Given,
): Promise<{ readonly customised: CustomisedRelease; readonly recording: Recording }> {
  const made: CustomisedRelease[] = [];
  const recording = await record((options) => {
    const provider = new kubernetes.Provider("cluster");
    const parent = new pulumi.ComponentResource("test:test:Platform", "kubeflow", {}, options);
    const settings = platformSettings.parse({
      backup: { volumes: "none", ...given.backup },
      storage: given.storage,
      tenants: given.tenants,
    });
    const target = { ...plainTarget, provider, ...given.target };
    const context = {
      name: "kubeflow",
      target,
      settings,
      release,
      adminEmail: "user@example.com",
      secrets: {},
      parent,
    };
    made.push(customise(context, [storage, backup]));
  });
  const [customised] = made;
  assert.ok(customised);
  return { customised, recording };
}
