import { findKnownCredentials } from "../../components/shared/known-credentials.ts";
import type { Rule } from "../rule.ts";

export const noKnownCredentials: Rule = {
  name: "no-known-credentials",
  title: "No password or key that upstream publishes is in any object of the cluster",
  remedy: "Let the platform generate it, or take it out of the object",
  concern: "security",
  packages: { kubernetes: ({ props }) => findKnownCredentials(props).map(({ path, what }) => `${path} is ${what}`) },
};
