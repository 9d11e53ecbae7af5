/** What refuses a resource may quote what it was sent: an admission policy's message has any field that it likes. */
import type { Provider } from "./provider.ts";
import { isMap, Secret, type Value } from "./values.ts";

/** Shorter ones are words that messages have anyway. */
const minLength = 6;

/** The same provider, whose errors and messages have `[secret]` in place of every secret that the call gave it. */
export function withoutQuotedSecrets(provider: Provider): Provider {
  return new Proxy(provider, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...args: readonly unknown[]): unknown => {
        const cleaned = (error: unknown): never => {
          throw withoutSecrets(error, args);
        };
        try {
          const result: unknown = Reflect.apply(member, target, args);
          return result instanceof Promise ? result.then((value) => messagesOf(value, args), cleaned) : result;
        } catch (error) {
          return cleaned(error);
        }
      };
    },
  });
}

/** A list of texts is what a provider foresees that will go wrong; anything else is passed on. */
function messagesOf(result: unknown, args: readonly unknown[]): unknown {
  if (!Array.isArray(result) || !result.every((item) => typeof item === "string")) return result;
  return result.length === 0 ? result : result.map((message) => masked(message, args));
}

function withoutSecrets(error: unknown, args: readonly unknown[]): unknown {
  if (!(error instanceof Error)) return error;
  // The same error otherwise: its class decides what is done about it. Its stack begins with its message.
  for (const key of ["message", "stack"] as const) {
    const text = error[key] ?? "";
    const cleaned = masked(text, args);
    if (cleaned !== text) Object.defineProperty(error, key, { value: cleaned });
  }
  return error;
}

function masked(message: string, args: readonly unknown[]): string {
  const texts = new Set<string>();
  for (const arg of args) collect(arg as Value, false, texts);
  // The longest first: one may be a part of another.
  const inOrder = [...texts].sort((a, b) => b.length - a.length);
  return inOrder.reduce((text, secret) => text.replaceAll(secret, "[secret]"), message);
}

function collect(value: Value | undefined, isSecret: boolean, texts: Set<string>): void {
  if (value instanceof Secret) collect(value.value, true, texts);
  else if (typeof value === "string" && isSecret) formsOf(value).forEach((text) => texts.add(text));
  else if (Array.isArray(value)) (value as readonly Value[]).forEach((item) => collect(item, isSecret, texts));
  else if (isMap(value)) Object.values(value).forEach((item) => collect(item, isSecret, texts));
}

/** As it is, as JSON and Go quote it, as a Secret of Kubernetes keeps it, and each of its lines. */
function formsOf(secret: string): readonly string[] {
  const lines = secret.split("\n").map((line) => line.trim());
  const forms = [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64"), ...lines];
  return forms.filter((text) => text.length >= minLength);
}
