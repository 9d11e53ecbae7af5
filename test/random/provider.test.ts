import assert from "node:assert/strict";
import { compare } from "bcrypt";
import fc from "fast-check";
import type { Provider } from "../../engine/provider.ts";
import { randomProviderFactory } from "../../engine/random/provider.ts";
import { hasUnknown, Secret, Unknown, type PropertyMap } from "../../engine/values.ts";

const { signal } = new AbortController();
const refTo = (name: string) => ({
  urn: `urn:pulumi:dev::kubeflow::random:index/random${name}:Random${name}::it`,
  type: `random:index/random${name}:Random${name}`,
});

describe("the random package", () => {
  let provider: Provider;
  before(async () => {
    provider = await randomProviderFactory()({});
  });

  const problems = async (name: string, inputs: PropertyMap): Promise<readonly string[]> =>
    (await provider.check(refTo(name), undefined, inputs)).failures.map(({ property, reason }) =>
      `${property} ${reason}`.trim(),
    );
  const create = async (name: string, inputs: PropertyMap) => {
    assert.deepEqual(await problems(name, inputs), []);
    return provider.create(refTo(name), inputs, signal);
  };
  const textOf = (value: unknown): string => {
    const plain = value instanceof Secret ? value.value : value;
    assert.ok(typeof plain === "string");
    return plain;
  };

  it("makes a password that is secret, with the bcrypt hash that fits it, and says neither in its id", async () => {
    const { id, outputs } = await create("Password", { length: 24, special: false });
    assert.ok(outputs["result"] instanceof Secret && outputs["bcryptHash"] instanceof Secret);
    const password = textOf(outputs["result"]);
    assert.match(password, /^[A-Za-z0-9]{24}$/);
    assert.match(textOf(outputs["bcryptHash"]), /^\$2[ab]\$10\$/);
    assert.ok(await compare(password, textOf(outputs["bcryptHash"])));
    assert.equal(id, "none");
    assert.notEqual(textOf((await create("Password", { length: 24 })).outputs["result"]), password);
  });

  it("fills in what the real provider fills in", async () => {
    const { outputs } = await create("String", { length: 4, numeric: false });
    const { result, ...rest } = outputs;
    assert.match(textOf(result), /^[^0-9]{4}$/);
    assert.deepEqual(rest, {
      length: 4,
      upper: true,
      lower: true,
      numeric: false,
      number: false,
      special: true,
      minUpper: 0,
      minLower: 0,
      minNumeric: 0,
      minSpecial: 0,
      __meta: '{"schema_version":"2"}',
    });
  });

  it("keeps to the length, the classes and the minima, whatever they are", async () => {
    const minimum = fc.integer({ min: 0, max: 5 });
    const request = fc.record({
      more: fc.integer({ min: 1, max: 30 }),
      minUpper: minimum,
      minLower: minimum,
      minNumeric: minimum,
      minSpecial: minimum,
      overrideSpecial: fc.constantFrom("", "_-", "/@"),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ more, overrideSpecial, ...minima }) => {
        const least = Object.values(minima).reduce((sum, count) => sum + count, 0);
        const length = least + more;
        const { outputs } = await create("String", { length, ...minima, overrideSpecial });
        const text = textOf(outputs["result"]);
        assert.equal(text.length, length);
        const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
        assert.ok(count(/[A-Z]/g) >= minima.minUpper);
        assert.ok(count(/[a-z]/g) >= minima.minLower);
        assert.ok(count(/[0-9]/g) >= minima.minNumeric);
        assert.ok(count(/[^A-Za-z0-9]/g) >= minima.minSpecial);
        if (overrideSpecial !== "") {
          assert.ok(Array.from(text).every((each) => /[A-Za-z0-9]/.test(each) || overrideSpecial.includes(each)));
        }
      }),
    );
  });

  it("gives an id in each of its notations", async () => {
    const { id, outputs } = await create("Id", { byteLength: 8, prefix: "a-" });
    const hex = textOf(outputs["hex"]).slice(2);
    assert.match(hex, /^[0-9a-f]{16}$/);
    const bytes = Buffer.from(hex, "hex");
    assert.equal(outputs["b64Std"], `a-${bytes.toString("base64")}`);
    assert.equal(outputs["b64Url"], `a-${bytes.toString("base64url")}`);
    assert.equal(outputs["dec"], `a-${bytes.readBigUInt64BE()}`);
    assert.equal(id, bytes.toString("base64url"));
  });

  it("gives a uuid", async () => {
    const { id, outputs } = await create("Uuid", {});
    assert.match(textOf(outputs["result"]), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(id, outputs["result"]);
  });

  it("tells nothing in a plan that only the create will tell", async () => {
    const { id, outputs } = await provider.plan(refTo("Password"), { length: 12 });
    assert.equal(id, undefined);
    assert.deepEqual(outputs["result"], new Secret(Unknown.value));
    assert.deepEqual(outputs["bcryptHash"], new Secret(Unknown.value));
    assert.equal(outputs["length"], 12);
  });

  it("makes at a plan that is kept what the create then takes, and another for other inputs", async () => {
    const keeping = await randomProviderFactory({ isPlanKept: true })({});
    const planned = await keeping.plan(refTo("Password"), { length: 12 });
    assert.ok(!hasUnknown(planned.outputs));
    const { signal } = new AbortController();
    assert.deepEqual(await keeping.create(refTo("Password"), { length: 12 }, signal), planned);
    const { outputs } = await keeping.create(refTo("Password"), { length: 13 }, signal);
    assert.notDeepEqual(outputs["result"], planned.outputs["result"]);
  });

  it("replaces for another keeper or any other input, and not for a default that is spelled out", async () => {
    const inputs = { length: 12, keepers: { round: "1" } };
    const old = { inputs, ...(await create("Password", inputs)) };
    const pathsOf = async (news: PropertyMap): Promise<readonly string[]> => {
      const { changed, replaces } = await provider.diff(refTo("Password"), old, news);
      assert.equal(changed, replaces.length > 0);
      return replaces.map(({ path }) => path);
    };
    assert.deepEqual(await pathsOf({ ...inputs, keepers: { round: "2" } }), ["keepers.round"]);
    assert.deepEqual(await pathsOf({ ...inputs, length: 13 }), ["length"]);
    assert.deepEqual(await pathsOf({ ...inputs, keepers: { round: Unknown.value } }), ["keepers.round"]);
    assert.deepEqual(await pathsOf({ ...inputs, upper: true, minUpper: 0, number: true }), []);
  });

  it("refuses inputs that cannot be, each by its name", async () => {
    assert.deepEqual(await problems("Password", {}), ["length is missing"]);
    assert.deepEqual(await problems("Password", { length: 0 }), ["length must be a whole number, 1 or more"]);
    assert.deepEqual(await problems("Password", { length: 3, minLower: 2, minUpper: 2 }), [
      "length must be at least 4, the sum of the minima",
    ]);
    assert.deepEqual(await problems("Password", { length: 3, upper: "yes" }), ["upper must be true or false"]);
    assert.deepEqual(await problems("Uuid", { keepers: { a: 1 } }), ["keepers must be a map of texts"]);
    assert.match((await problems("Uuid", { seed: "x" })).join(), /^seed is no input of .*; it takes keepers$/);
    const none = { upper: false, lower: false, numeric: false, special: false };
    assert.deepEqual(await problems("Password", { length: 3, ...none }), [
      "one of upper, lower, numeric, special has to be true",
    ]);
    assert.deepEqual(await problems("Password", { length: Unknown.value }), []);
  });

  it("makes no type that it does not know", async () => {
    await assert.rejects(
      async () => provider.plan(refTo("Pet"), {}),
      /does not make random:index\/randomPet:RandomPet/,
    );
  });

  it("knows a value from state alone", async () => {
    const inputs = { length: 12 };
    const made = { inputs, ...(await create("Password", inputs)) };
    assert.deepEqual(await provider.read(refTo("Password"), made), made);
    await assert.rejects(
      provider.read(refTo("Password"), { id: "none", inputs, outputs: {} }),
      /result, bcryptHash: not in state/,
    );
  });
});
