import type { Addition } from "../customisation.ts";

const name = "models-host-names";

/**
 * One wildcard certificate covers one level of names, so a model's name and its namespace share one:
 * `name--namespace.domain`. A name with `--` in it could then be another tenant's: `a--b` of `c` and `a` of `b--c`.
 * This refuses such names, and those of two letters, whose host name would look like one of another alphabet (`xn--`).
 */
export function hostNamePolicy(): readonly Addition[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const rule = (group: string, resources: readonly string[]) => ({
    apiGroups: [group],
    apiVersions: ["*"],
    operations: ["CREATE"],
    resources,
  });
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            rule("serving.kserve.io", ["inferenceservices", "inferencegraphs"]),
            rule("serving.knative.dev", ["services", "routes"]),
          ],
        },
        validations: [
          {
            // A name that the API makes up is not there yet.
            expression:
              "[object.metadata.?name.orValue(''), object.metadata.?generateName.orValue('')]" +
              ".all(name, !name.contains('--') && size(name) != 2)",
            message:
              "the name becomes NAME--NAMESPACE in the model's host name: it must not contain '--', and not be of two letters",
          },
        ],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ].map((object) => ({ component: "kserve", object }));
}
