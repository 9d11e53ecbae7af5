/** The zones of the clouds: what they tell the platform is what their own IAM lets in. */
import assert from "node:assert/strict";
import { readRawConfig } from "../../../cli/stack-file.ts";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { parseStackConfig, type StackConfig } from "../../../stacks/config.ts";
import type { PropertyMap } from "../../../engine/values.ts";
import { targets } from "../../../stacks/targets.ts";
import { record, valueOf, type Recording } from "../../support/recording.ts";
import { simulatedAnswer, simulatedCall } from "../../support/simulated-answers.ts";
import { useRelease } from "../selection/support.ts";
import { at, of, one, withEdge } from "./support.ts";

interface Cloud {
  readonly stack: string;
  /** Solver of cert-manager, and where in the IAM of the cloud its account is let in. */
  readonly solver: string;
  readonly provider: string;
  readonly letsIn: RegExp;
  readonly grants: string;
}

const clouds: readonly Cloud[] = [
  {
    stack: "gcp-dev",
    solver: "cloudDNS",
    provider: "google",
    letsIn: /"roles\/dns\.admin"/,
    grants: "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember",
  },
  {
    stack: "aws-dev",
    solver: "route53",
    provider: "aws",
    letsIn: /"roleArn"/,
    grants: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  },
  {
    stack: "azure-dev",
    solver: "azureDNS",
    provider: "azure",
    letsIn: /AzureADTokenExchange/,
    grants: "azure-native:managedidentity:FederatedIdentityCredential",
  },
];

/** What the cloud's own provider is configured with. */
function providerOf({ gke, eks, aks }: StackConfig): PropertyMap {
  if (gke !== undefined) return { project: gke.project, region: gke.region };
  if (eks !== undefined) return { region: eks.region, allowedAccountIds: [eks.accountId] };
  assert.ok(aks);
  return { subscriptionId: aks.subscriptionId, tenantId: aks.tenantId, location: aks.location };
}

for (const { stack, solver, provider, letsIn, grants } of clouds) {
  describe(`edge: the zone of ${stack}`, () => {
    const release = useRelease();
    let target: ClusterTarget;
    let recording: Recording;

    before(async () => {
      const config = parseStackConfig(stack, await readRawConfig(stack));
      const made: { target?: ClusterTarget } = {};
      recording = await record(
        async () => {
          const loaded = { ...config, kubeconfig: undefined, oauthClientSecret: undefined, secrets: {} };
          made.target = await targets[config.target](loaded);
        },
        simulatedAnswer(providerOf(config)),
        simulatedCall,
      );
      assert.ok(made.target);
      target = made.target;
    });

    it("lets in whom it says that it does", () => {
      const { zone } = target;
      assert.ok(zone);
      assert.equal(zone.provider, provider);
      const text = recording.all(grants).map(({ inputs }) => JSON.stringify(inputs));
      for (const writer of Object.keys(zone.writers)) {
        const [namespace = "", name = ""] = writer.split("/");
        const found = text.some((each) => each.includes(namespace) && each.includes(name) && letsIn.test(each));
        assert.ok(found, `${writer} is not in ${text.join("\n")}`);
      }
    });

    it("is all that acme needs: name, proof and records, without a key", () => {
      const issuer = { kind: "acme", email: "ops@example.com" } as const;
      const customised = withEdge(release(), { issuer }, { target });
      assert.deepEqual(customised.problems, []);
      assert.deepEqual(customised.notes, []);
      const issuers = of(customised, "ClusterIssuer").filter(({ metadata }) =>
        metadata.name.startsWith("kubeflow-edge"),
      );
      const [solvers] = issuers.map((each) => at(each, "spec.acme.solvers.0.dns01"));
      assert.deepEqual(Object.keys(solvers as object), [solver]);
      assert.ok(one(customised, "Deployment", "external-dns"));
      const added = of(customised, "Secret").filter(
        ({ metadata }) => !release().objects.some((each) => each.metadata === metadata),
      );
      assert.deepEqual(added, []);
    });

    it("has who writes wait for its right to", async () => {
      const ready = await Promise.all(target.ready.map(async ({ urn }) => await valueOf(urn)));
      assert.ok(ready.filter((urn) => urn.includes(`${grants}::`)).length >= 2, ready.join("\n"));
    });
  });
}
