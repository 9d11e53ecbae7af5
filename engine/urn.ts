/** Pulumi's resource names: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`. Pure. */

export const stackType = "pulumi:pulumi:Stack";
const providerPrefix = "pulumi:providers:";

/** Its `qualifiedType` is the types of the parents and of the resource itself, joined by `$`. */
export function parseUrn(urn: string) {
  const [head = "", project = "", qualifiedType = "", ...name] = urn.split("::");
  return { stack: head.slice("urn:pulumi:".length), project, qualifiedType, name: name.join("::") };
}

/** The URN of a resource below `parent` (the stack itself does not show in the type). */
export function makeUrn(of: { stack: string; project: string }, type: string, name: string, parent?: string): string {
  const parentType = parent === undefined ? "" : parseUrn(parent).qualifiedType;
  const qualified = parentType === "" || parentType === stackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${of.stack}::${of.project}::${qualified}::${name}`;
}

export function typeOfUrn(urn: string): string {
  return parseUrn(urn).qualifiedType.split("$").at(-1) ?? "";
}

export const nameOfUrn = (urn: string): string => parseUrn(urn).name;

/** The package that a `pulumi:providers:<package>` resource configures. */
export function providerPackage(type: string): string | undefined {
  return type.startsWith(providerPrefix) ? type.slice(providerPrefix.length) : undefined;
}

export const providerType = (packageName: string): string => providerPrefix + packageName;

/** The package of a type token: `kubernetes` of `kubernetes:apps/v1:Deployment`. */
export const packageOf = (type: string): string => type.slice(0, Math.max(0, type.indexOf(":")));

/** Registered by the engine because the program passed no provider. */
export function isDefaultProvider(urn: string): boolean {
  return providerPackage(typeOfUrn(urn)) !== undefined && /^default(_|$)/.test(nameOfUrn(urn));
}

/** Splits a provider reference, `<urn>::<id>`. */
export function parseProviderRef(ref: string): { readonly urn: string; readonly id: string } {
  const at = ref.lastIndexOf("::");
  return { urn: ref.slice(0, at), id: ref.slice(at + 2) };
}
