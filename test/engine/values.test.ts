import assert from "node:assert/strict";
import fc from "fast-check";
import structPb, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { difference, equalValues, masked, reportDiff } from "../../engine/diff.ts";
import { decodeStruct, encodeStruct, fromStruct, toStruct } from "../../engine/marshal.ts";
import { formatPath, keepOld, parsePath, touches } from "../../engine/paths.ts";
import { isMap, Secret, Unknown, type PropertyMap, type Value } from "../../engine/values.ts";
import { propertyMaps } from "./support/arbitraries.ts";

const anyMap = propertyMaps({ unknowns: true });

describe("properties on the wire", () => {
  it("come back as they were", () => {
    fc.assert(fc.property(anyMap, (map) => assert.deepEqual(decodeStruct(encodeStruct(map)), map)));
  });

  it("are what the generated message classes write and read", () => {
    const plain = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true });
    fc.assert(
      fc.property(plain, (map) => {
        // The generated classes lose a key of this name.
        fc.pre(!JSON.stringify(map).includes("__proto__"));
        // JSON knows no negative zero.
        const value = JSON.parse(JSON.stringify(map)) as Record<string, JavaScriptValue>;
        assert.deepEqual(fromStruct(structPb.Struct.fromJavaScript(value)), value);
        assert.deepEqual(toStruct(value as PropertyMap).toJavaScript(), value);
      }),
    );
  });

  it("take a remote component's output values for what they stand for", () => {
    const output = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    const sent = { known: { ...output, value: 1, secret: true, dependencies: [] }, unknown: output };
    assert.deepEqual(decodeStruct(encodeStruct(sent)), { known: new Secret(1), unknown: Unknown.value });
  });
});

describe("differences", () => {
  it("are none between equals, and otherwise name places that do differ", () => {
    fc.assert(
      fc.property(anyMap, anyMap, (olds, news) => {
        assert.deepEqual(difference(olds, olds), []);
        const found = difference(olds, news);
        assert.equal(found.length === 0, equalValues(olds, news));
        for (const { path, old, new: next } of found) {
          assert.ok(!equalValues(old, next));
          assert.deepEqual(at(olds, path), old);
          assert.deepEqual(at(news, path), next);
        }
      }),
    );
  });

  it("never show what is secret", () => {
    fc.assert(
      fc.property(anyMap, anyMap, fc.uuid(), (olds, news, secret) => {
        const hide = (map: PropertyMap): PropertyMap => ({ ...map, hidden: new Secret({ deep: [secret] }) });
        const shown = JSON.stringify([
          masked(hide(olds)),
          reportDiff(difference(hide(olds), { ...news, hidden: new Secret(secret) })),
        ]);
        assert.ok(!shown.includes(secret));
      }),
    );
  });

  function at(value: Value, path: readonly (string | number)[]): Value | undefined {
    let found: Value | undefined = value;
    for (const part of path) {
      if (Array.isArray(found)) found = (found as readonly Value[])[Number(part)];
      else found = isMap(found) && Object.hasOwn(found, String(part)) ? found[String(part)] : undefined;
    }
    return found;
  }
});

describe("property paths", () => {
  it("are read as they are written", () => {
    const part = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.nat());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (path) => assert.deepEqual(parsePath(formatPath(path)), path)),
    );
    const labels = 'metadata.labels["app.kubernetes.io/name"][0]["a\\"b"].*[*]';
    assert.deepEqual(parsePath(labels), ["metadata", "labels", "app.kubernetes.io/name", 0, 'a"b', "*", "*"]);
    assert.throws(() => parsePath("a[b"), /Property path "a\[b"/);
  });

  it("match a change inside or around what they name", () => {
    assert.ok(touches(["a", 0, "b"], parsePath("a[*].b")));
    assert.ok(touches(["a"], parsePath("a.b")));
    assert.ok(!touches(["a", "c"], parsePath("a.b")));
  });

  it("keep the old value, and keep out what the old one lacks", () => {
    const olds = {
      size: 1,
      list: [
        { a: 1, b: 1 },
        { a: 2, b: 2 },
      ],
      secret: new Secret({ a: 1 }),
      gone: 1,
    };
    const news = {
      size: 2,
      list: [
        { a: 3, b: 3 },
        { a: 4, b: 4 },
      ],
      secret: new Secret({ a: 2, b: 2 }),
      added: { x: 1 },
    };
    const keep = (path: string): Value | undefined => keepOld(olds, news, parsePath(path));
    assert.deepEqual(keep("size"), { ...news, size: 1 });
    assert.deepEqual(keep("gone"), { ...news, gone: 1 });
    assert.deepEqual(keep("added.x"), { ...news, added: {} });
    assert.deepEqual(keep("list[1].a"), {
      ...news,
      list: [
        { a: 3, b: 3 },
        { a: 2, b: 4 },
      ],
    });
    assert.deepEqual(keep("list[*].a"), {
      ...news,
      list: [
        { a: 1, b: 3 },
        { a: 2, b: 4 },
      ],
    });
    assert.deepEqual(keep("secret.a"), { ...news, secret: new Secret({ a: 1, b: 2 }) });
    assert.deepEqual(keep("nowhere.at.all"), news);
  });
});
