import assert from "node:assert/strict";
import { azureNativeFunctions, azureNativeTable } from "../../../engine/simulation/azure-native.ts";
import { azureadTable } from "../../../engine/simulation/azuread.ts";
import { describeRequests } from "../requests.ts";
import { furtherStacks } from "./further-stacks.ts";
import { graphRequest, graphTypes } from "./graph.ts";
import { azureRequest, neededExceptions } from "./requests.ts";
import { azureTypes } from "./types.ts";

await describeRequests("requests to Azure, by its own models", {
  target: "aks",
  cloud: {
    packages: ["azure-native", "azuread"],
    table: { ...azureNativeTable, ...azureadTable },
    functions: (token) => {
      const answer = azureNativeFunctions[token];
      assert.ok(answer, `a preview must need no credentials, and ${token} does`);
      return answer({ resourceName: "kubeflow" });
    },
  },
  beside: furtherStacks,
  notCovered: {},
  mapped: [...Object.keys(azureTypes), ...graphTypes],
  whyPending: () => Promise.resolve(undefined),
  source: () => Promise.resolve("the packages named above"),
  translate: async (resource) => graphRequest(resource) ?? (await azureRequest(resource)),
});

describe("exceptions from Azure's models", () => {
  it("are all needed", () => {
    const listed = Object.entries(azureTypes).flatMap(([token, { accepted = {} }]) =>
      Object.keys(accepted).map((path) => `${token} ${path}`),
    );
    assert.deepEqual(
      listed.filter((exception) => !neededExceptions.has(exception)),
      [],
    );
  });
});
