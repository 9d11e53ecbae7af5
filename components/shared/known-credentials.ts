/**
 * The passwords and keys that upstream's release ships, which anyone can look up, and the search for them. Pure: the
 * platform refuses to register an object that has one, and the policy pack any resource.
 */

interface KnownCredential {
  /** What messages call it; they never show the value. */
  readonly what: string;
  readonly value: string;
  /** `field`: an everyday word, so it counts only as the whole value of a field whose name says password or key. */
  readonly where: "anywhere" | "field" | "field of a Secret";
}

/** Sources: research/kubeflow-26.03.md section 2, research/distributions.md section 3.2; the same in 1.11.0. */
export const knownCredentials: readonly KnownCredential[] = [
  {
    what: "the hash of the Dex user's password",
    value: "$2y$12$4K/VkmDd1q1Orb3xAt82zu8gk7Ad6ReFR4LCP9UeYE90NLiN9Df72",
    where: "anywhere",
  },
  { what: "the Dex user's password", value: "12341234", where: "anywhere" },
  { what: "the OIDC client's secret", value: "pUBnBOY80SnXgjibTYM9ZWNzY2xreNGQok", where: "anywhere" },
  { what: "the cookie secret of oauth2-proxy", value: "7d16fee92f8d11b8940b081b3f8b8acb", where: "anywhere" },
  { what: "the object store's secret key", value: "minio123", where: "anywhere" },
  { what: "the object store's access key", value: "minio", where: "field" },
  { what: "the password of the databases of Katib and the model registry", value: "test", where: "field" },
  { what: "the password of the model catalog's database", value: "postgres", where: "field" },
  { what: "the pipelines' empty database password", value: "", where: "field of a Secret" },
];

export interface FoundCredential {
  /** `stringData.password`, `spec.template.spec.containers[0].env[1]` */
  readonly path: string;
  readonly what: string;
}

/** Every known credential in a resource's properties; what is not plain data (an output, a secret) is passed over. */
export function findKnownCredentials(properties: unknown): readonly FoundCredential[] {
  const found: FoundCredential[] = [];
  const isSecret = isMap(properties) && properties["kind"] === "Secret";
  visit(properties, "", "", (text, path, field) => {
    const encoded = isSecret && path.startsWith("data.");
    const plain = encoded ? Buffer.from(text, "base64").toString() : text;
    const known = knownCredentials.find((credential) => matches(credential, plain, field, isSecret));
    if (known !== undefined) found.push({ path, what: known.what });
  });
  visitLists(properties, "", (list, path) => {
    const names = list.map((item) => (isMap(item) ? item["name"] : undefined));
    const index = names.indexOf("MYSQL_ALLOW_EMPTY_PASSWORD");
    // MySQL's image takes the password where both are set.
    if (index < 0 || names.includes("MYSQL_ROOT_PASSWORD")) return;
    found.push({ path: `${path}[${index}]`, what: "leave to run a database with an empty password" });
  });
  return found;
}

const credentialField = /(password|passwd|secret[-_]?key|access[-_]?key([-_]?id)?)$/i;

function matches({ value, where }: KnownCredential, text: string, field: string, isSecret: boolean): boolean {
  if (where === "anywhere") return containsWord(text, value);
  return text === value && credentialField.test(field) && (where === "field" || isSecret);
}

/** Not as a part of a longer word, such as a digest. */
function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? "", text[at + word.length] ?? ""];
    if (!/[A-Za-z0-9]/.test(before) && !/[A-Za-z0-9]/.test(after)) return true;
  }
  return false;
}

/** Every text, with its path and the name of its field; the `value` of a `{name, value}` is called by that name. */
function visit(
  value: unknown,
  path: string,
  field: string,
  onText: (text: string, path: string, field: string) => void,
): void {
  if (typeof value === "string") onText(value, path, field);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`, field, onText);
  } else if (isMap(value)) {
    const { name } = value;
    for (const [key, item] of Object.entries(value)) {
      visit(item, below(path, key), key === "value" && typeof name === "string" ? name : key, onText);
    }
  }
}

function visitLists(value: unknown, path: string, onList: (list: readonly unknown[], path: string) => void): void {
  if (Array.isArray(value)) {
    onList(value, path);
    for (const [index, item] of value.entries()) visitLists(item, `${path}[${index}]`, onList);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) visitLists(item, below(path, key), onList);
  }
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A map of plain data, and no object of a class. */
function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
