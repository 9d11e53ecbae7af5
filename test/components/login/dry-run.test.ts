import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { testKubeconfig } from "../../support/cluster.ts";
import { DryRun } from "../../support/dry-run.ts";
import { valueOf } from "../../support/recording.ts";
import { readCrd } from "../../../release/crds.ts";
import { everyConnector, everySecret } from "./every-connector.ts";
import { access, cloudIssuer, customised, upstream, type Told } from "./support.ts";

const url = "https://kubeflow.example.com";
const told: Told = { oidc: cloudIssuer("cognito:groups"), tokenIssuer: cloudIssuer("").issuerUrl, access: access(url) };
const jwks = '{"keys":[{"kty":"RSA","n":"a","e":"AQAB","alg":"RS256","kid":"1","use":"sig"}]}';
const modes: Readonly<Record<string, object>> = {
  "every connector, both rotations": {
    ...everyConnector,
    ...{ allow: { emailDomains: ["example.com"], groups: ["ml"] }, machines: { jwks, issuer: url } },
    session: {
      ...{ lifetime: "12h", refresh: "30m", logoutUrl: `${url}/logout`, clientGenerations: ["b", "default"] },
      cookie: { secretGenerations: ["b", "a"], secure: false },
    },
  },
  "the target's issuer alone": { mode: "direct", issuer: "target", machines: {}, allow: { groups: ["ml"] } },
  "Google's proxy": { mode: "iap", iap: { audience: "/projects/1/global/backendServices/2" } },
};

/** What the stacks' own dry run (test/e2e/dry-run.test.ts) does not come to: settings that no example has. */
describe("what a login asks the cluster for", function () {
  this.timeout(180_000);
  let api: DryRun;

  before(async () => {
    api = new DryRun(await testKubeconfig());
    const { crds } = await upstream();
    const istio = crds.filter(({ group }) => group.endsWith(".istio.io"));
    assert.ok(istio.length > 5);
    await api.install(await Promise.all(istio.map(readCrd)));
  });

  after(async () => {
    await api.close();
  });

  for (const [mode, settings] of Object.entries(modes)) {
    it(`is what a real API server takes, as strict as it can be: ${mode}`, async () => {
      const before = new Set((await upstream()).objects);
      const made = await customised(settings, { told, secrets: everySecret });
      assert.deepEqual(made.problems, []);
      const changed = made.release.objects.filter((object) => !before.has(object));
      const objects = await Promise.all(changed.map((object) => valueOf(pulumi.output(object))));
      assert.ok(objects.length >= 3, String(objects.length));
      assert.deepEqual(await api.refusals(objects), []);
    });
  }
});
