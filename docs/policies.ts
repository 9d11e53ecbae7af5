/** docs/policies.md: one row per rule of the policy pack. */
import { enforcementOf } from "../policy/rule.ts";
import { rules } from "../policy/rules/index.ts";

function ruleTable(): string {
  const rows = rules.map((rule) => {
    const levels = (["dev", "staging", "prod"] as const).map((environment) => enforcementOf(rule, environment));
    return `| \`${rule.name}\` | ${[rule.title, ...levels, rule.remedy].join(" | ")} |`;
  });
  return `| rule | what has to be so | dev | staging | prod | remedy |\n| --- | --- | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

export function policyReference(): string {
  return `# Policies

The pack in \`policy/\` says what every stack has to keep to. The same rules run under both engines:

- \`kf preview\` and \`kf up\` tell every violation with its resource and remedy; \`kf policy STACK\` tells nothing else, and
  \`kf policy --list\` lists the rules. With \`--json\` they are in \`policies\`.
- \`kf --engine pulumi\` has the Pulumi CLI load the pack; in staging and prod an \`up\` plans first, since the CLI itself
  judges each resource only when its turn comes. By hand: \`pulumi preview --policy-pack policy\`.

A violation of a mandatory rule makes a preview fail, and keeps an \`up\` from changing anything. A value that is not known
before an \`up\` violates nothing: the Pulumi CLI looks again at each resource before it makes it, and the offline engine at
all of them after the \`up\`, which then fails with what it made in place.

## How strict

The stack's \`kubeflow:environment\` decides: all is advice in dev, security is mandatory in staging, everything in prod. A pack
that is told of no stack (\`pulumi policy publish\`) is as strict as in prod. With the Pulumi CLI, \`--policy-pack-config\`
can set each rule to \`advisory\`, \`mandatory\` or \`disabled\`.

Further keys of a stack's file:

- \`policy:maxGpuNodesPerPool\`: the nodes that one GPU pool may grow to (16 when not set; a pool of Karpenter's, which counts
  GPUs, has eight times as many of them).
- \`policy:unprotected\`: a list of the names of resources whose data may be lost. \`protected-data\` then lets these go
  unprotected, for instance before a \`destroy\`; every other one it still holds fast.

## Rules

${ruleTable()}
Upstream's roles that may do more than \`no-wildcard-cluster-role\` lets ours do are in \`policy/rules/iam.ts\`, each by its name
and with the reason. The known credentials are those of \`components/shared/known-credentials.ts\`. What a Helm release
(\`kubernetes:helm.sh/v3:Release\`) makes in the cluster is not looked at, only its values are.
`;
}
