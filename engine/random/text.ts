/** Random texts by `node:crypto`, in the alphabets of the `random` package. */
import { randomInt } from "node:crypto";

const alphabets = {
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  lower: "abcdefghijklmnopqrstuvwxyz",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;

export type CharacterClass = keyof typeof alphabets;

export interface TextRequest {
  readonly length: number;
  readonly classes: readonly CharacterClass[];
  /** How many characters of a class there are at least; of one that is not in `classes`, too. */
  readonly atLeast: Readonly<Partial<Record<CharacterClass, number>>>;
  /** The special characters. @default - those of the package */
  readonly special?: string;
}

/** A text whose characters are drawn evenly from the alphabets, in an even order. */
export function randomText({ length, classes, atLeast, special = alphabets.special }: TextRequest): string {
  const alphabetOf = (name: CharacterClass): string => (name === "special" ? special : alphabets[name]);
  const picked = Object.entries(atLeast).flatMap(([name, count]) => pick(alphabetOf(name as CharacterClass), count));
  const rest = pick(classes.map(alphabetOf).join(""), length - picked.length);
  return shuffled([...picked, ...rest]).join("");
}

function pick(alphabet: string, count: number): readonly string[] {
  const characters = Array.from(alphabet);
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

/** Fisher-Yates. */
function shuffled(characters: readonly string[]): readonly string[] {
  const order = [...characters];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] ?? "", order[last] ?? ""];
  }
  return order;
}
