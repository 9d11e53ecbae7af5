import fc from "fast-check";
import { Secret, Unknown, type PropertyMap, type Value } from "../../../engine/values.ts";

/** A key that is none of Pulumi's marks, which no program uses. */
const key = fc.string({ minLength: 1, maxLength: 6 });

/** Property maps with secrets and, where asked for, unknowns at any depth. */
export function propertyMaps(options: { readonly unknowns: boolean }): fc.Arbitrary<PropertyMap> {
  const { map } = fc.letrec<{ value: Value; map: PropertyMap }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.string(),
      ...(options.unknowns ? [fc.constant(Unknown.value)] : []),
      fc.array(tie("value"), { maxLength: 4 }),
      tie("map"),
      tie("value").map((value) => new Secret(value)),
    ),
    map: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  }));
  return map;
}
