/** What is wrong with the statements of AWS's policy documents. */
import { at, itemsAt, textsAt, type Properties, type Value } from "../values.ts";

/** Calls that only look at what there is: most have no ARN to narrow them to. What reads data is none of them. */
const harmless =
  /^([a-z0-9-]+:(Describe|List|Search|Lookup)|(?!(s3|secretsmanager|ssm|dynamodb|kinesis|kms):)[a-z0-9-]+:(Get|BatchGet))/;

export function statementsOf(document: Properties): readonly Value[] {
  const statements = itemsAt(document, "Statement");
  const single = at(document, "Statement");
  return statements.length > 0 || single === undefined ? statements : [single];
}

const isEverything = (action: string): boolean => action === "*" || action === "*:*";
const isAllowed = (statement: Value): boolean => at(statement, "Effect") === "Allow";
const named = (statement: Value): string => {
  const sid = at(statement, "Sid");
  return typeof sid === "string" ? `statement ${sid}` : "a statement";
};

/** What is wrong with a statement that says what somebody may do. */
export function wildcards(statement: Value): readonly string[] {
  if (!isAllowed(statement)) return [];
  const actions = textsAt(statement, "Action");
  const anywhere = textsAt(statement, "Resource").includes("*") && at(statement, "Condition") === undefined;
  const [wide, narrow] = [actions.filter(isEverything), actions.filter((action) => !isEverything(action))];
  const broad = anywhere ? narrow.filter((action) => !harmless.test(action)) : [];
  return [
    ...wide.map((action) => `${named(statement)} allows the action ${action}`),
    ...["NotAction", "NotResource"]
      .filter((key) => at(statement, key) !== undefined)
      .map((key) => `${named(statement)} allows all but a few with ${key}`),
    ...(broad.length > 0 ? [`${named(statement)} allows ${broad.join(", ")} on every resource`] : []),
  ];
}

/** What is wrong with a statement that says who may do something. */
export function allowsEverybody(statement: Value): readonly string[] {
  const principal = at(statement, "Principal");
  const open = principal === "*" || (principal !== undefined && textsAt(principal, "AWS").includes("*"));
  return isAllowed(statement) && open && at(statement, "Condition") === undefined
    ? [`${named(statement)} allows everybody`]
    : [];
}
