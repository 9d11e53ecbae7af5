import assert from "node:assert/strict";
import type { Provider } from "../../engine/provider.ts";
import { withoutQuotedSecrets } from "../../engine/quoted-secrets.ts";
import { Secret } from "../../engine/values.ts";
import { UserError } from "../../shared/errors.ts";

const value = 'canary "1"\nsecond line';
const base64 = Buffer.from(value).toString("base64");
const inputs = { stringData: { password: new Secret(value) }, colour: "green" };
const quote = `green: ${JSON.stringify(value)} and ${base64} and second line`;
const resource = { urn: "urn", type: "kubernetes:core/v1:Secret" };

/** Refuses everything, and quotes it. */
const refusing: Provider = {
  check: (_resource, _olds, news) => Promise.resolve({ inputs: news, failures: [] }),
  diff: () => Promise.reject(new Error(quote)),
  preflight: () => Promise.resolve([quote]),
  create: () => Promise.reject(new UserError(quote)),
  plan: () => {
    throw new Error(quote);
  },
  read: () => Promise.resolve(undefined),
  update: () => Promise.reject(new Error(quote)),
  delete: () => Promise.reject(new Error(quote)),
};

describe("a provider's errors", () => {
  const provider = withoutQuotedSecrets(refusing);
  const { signal } = new AbortController();
  const masked = 'green: "[secret]" and [secret] and [secret]';

  it("quote what was sent, but no secret of it, in any of its forms", async () => {
    await assert.rejects(provider.create(resource, inputs, signal), { name: "UserError", message: masked });
    const live = { id: "id", inputs, outputs: {} };
    await assert.rejects(provider.delete(resource, live, signal), (error) => {
      assert.ok(error instanceof Error);
      return error.message === masked && error.stack?.includes("canary") === false;
    });
    assert.throws(() => provider.plan(resource, inputs), { message: masked });
    assert.deepEqual(await provider.preflight?.([{ resource, inputs }]), [masked]);
  });

  it("change nothing of what a provider answers", async () => {
    assert.deepEqual(await provider.check(resource, undefined, inputs), { inputs, failures: [] });
    assert.equal("close" in provider, false);
  });
});
