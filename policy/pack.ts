/** The rules as a policy pack of Pulumi: `pulumi preview --policy-pack policy`. */
import { PolicyPack, type Policies } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { resourceOfArgs, resourceOfStack } from "./analyzer-resource.ts";
import { checkResource, enforcementOf, type Rule, type Settings } from "./rule.ts";
import { rules } from "./rules/index.ts";
import { settingKeys, settingsOf } from "./settings.ts";

function policyOf(rule: Rule, settings: Settings): Policies[number] {
  const { name, title, remedy, stack } = rule;
  const checksSingle = rule.resources !== undefined || rule.packages !== undefined;
  const told = (message: string): string => `${message}. ${remedy}`;
  return {
    name,
    description: title,
    remediationSteps: remedy,
    enforcementLevel: enforcementOf(rule, settings.environment),
    ...(checksSingle
      ? {
          validateResource: (args, report) => {
            for (const message of checkResource(rule, resourceOfArgs(args), settings)) report(told(message));
          },
        }
      : {}),
    ...(stack === undefined
      ? {}
      : {
          validateStack: ({ resources }, report) => {
            for (const { urn, message } of stack(resources.map(resourceOfStack), settings)) report(told(message), urn);
          },
        }),
  };
}

const valueOf = (key: string): string | undefined => {
  const [namespace = "", name = ""] = key.split(":");
  return new pulumi.Config(namespace).get(name);
};
const result = settingsOf(Object.fromEntries(Object.values(settingKeys).map((key) => [key, valueOf(key)])));
if ("problem" in result) throw new pulumi.RunError(result.problem);
const { settings } = result;
new PolicyPack("kubeflow", { policies: rules.map((rule) => policyOf(rule, settings)) });
