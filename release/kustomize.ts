import { execa } from "execa";
import { loadAll, timestampTag, YAML11_SCHEMA } from "js-yaml";
import { Schema } from "js-yaml";
import type { KubernetesObject } from "../kubernetes/objects.ts";
import { messageOf, UserError } from "../shared/errors.ts";
import { isRecord } from "./json.ts";

/**
 * YAML as Kubernetes reads it: version 1.1, where `0644` is octal and `on` a boolean, but a date stays a string. (No
 * object of 26.03 depends on it: 1.1 and 1.2 read its 675 objects alike.) js-yaml, not `yaml`: 0.3 s for the release's
 * 12 MB against 2.7 s.
 */
const kubernetesYaml = new Schema(YAML11_SCHEMA.tags.filter((tag) => tag !== timestampTag));

/** Environment: a render has no business on the network; should one try, it must fail at once and say so. */
export const noNetwork = Object.fromEntries(
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"].map((key) => [
    key,
    "http://127.0.0.1:9",
  ]),
);

/**
 * Runs `kustomize build` on a folder that reaches no network.
 *
 * @param component - what messages call it.
 * @throws UserError with kustomize's own words.
 */
export async function kustomizeBuild(
  kustomize: string,
  folder: string,
  component: string,
): Promise<readonly KubernetesObject[]> {
  const run = await execa(kustomize, ["build", folder], {
    // kustomize clones with the `git` of PATH.
    env: { ...noNetwork, NO_PROXY: "", no_proxy: "", PATH: "" },
    stdin: "ignore",
    reject: false,
  });
  if (run.failed) {
    const words = run.stderr.split("\n").filter((line) => !line.startsWith("#") && line.trim() !== "");
    throw new UserError(`component "${component}" does not build: ${words.join("\n") || messageOf(run.cause)}`);
  }
  return parseObjects(run.stdout, component);
}

/** @throws UserError for YAML that is broken, or that holds anything but named Kubernetes objects. */
export function parseObjects(yaml: string, component: string): readonly KubernetesObject[] {
  let documents: readonly unknown[];
  try {
    documents = loadAll(yaml, { schema: kubernetesYaml });
  } catch (error) {
    throw new UserError(`component "${component}" renders broken YAML: ${messageOf(error)}`, { cause: error });
  }
  return documents
    .filter((document) => document !== null && document !== undefined)
    .map((document) => {
      if (isObject(document)) return document;
      throw new UserError(
        `component "${component}" renders something without apiVersion, kind and metadata.name: ${JSON.stringify(document).slice(0, 200)}`,
      );
    });
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isRecord(value) || !isRecord(value["metadata"])) return false;
  return [value["apiVersion"], value["kind"], value["metadata"]["name"]].every(
    (field) => typeof field === "string" && field !== "",
  );
}
