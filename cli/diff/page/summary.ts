/** What a reviewer reads first. */
import { usd } from "../../cost/money.ts";
import type { Change, DiffReport, Finding, PolicyChange, StackDiff } from "../report.ts";
import { anchor, opNames, typeParts, worstFirst } from "./changes.ts";
import { html, joined, type Markup } from "./markup.ts";

type Planned = StackDiff & { readonly failure?: undefined };
type Failed = StackDiff & { readonly failure: NonNullable<StackDiff["failure"]> };

const isFailed = (stack: StackDiff): stack is Failed => stack.failure !== undefined;
const isPlanned = (stack: StackDiff): stack is Planned => stack.failure === undefined;

export function summarySection(report: DiffReport): Markup {
  const { stacks, unaffected } = report;
  const planned = stacks.filter(isPlanned);
  return html`<section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    ${tally(report)} ${notPlanned(stacks.filter(isFailed))} ${findingsOf(report.changes)}
    ${planned.length === 0 ? undefined : stackTable(planned)} ${policies(planned)}
    ${unaffected.length === 0 ? undefined : html`<p class="muted">Plans are the same in ${number(unaffected.length)} ${unaffected.length === 1 ? "stack" : "stacks"}: ${unaffected.join(", ")}.</p>`}
  </section>`;
}

const number = (value: number): string => value.toLocaleString("en-US");

function tally({ changes, stacks }: DiffReport): Markup {
  const dangers = changes.flatMap(({ findings }) => findings.filter(({ level }) => level === "danger")).length;
  const figures: readonly (readonly [string, number, string])[] = [
    ["danger", dangers, dangers === 1 ? "danger" : "dangers"],
    ...Object.entries(opNames).map(
      ([op, name]) => [op, changes.filter((change) => change.op === op).length, name] as const,
    ),
    ["stacks", stacks.length, stacks.length === 1 ? "stack affected" : "stacks affected"],
  ];
  return html`<ul class="tally">
    ${figures.map(([name, value, label]) => html`<li class="${name}${value === 0 ? " none" : ""}"><strong>${number(value)}</strong> ${label}</li>`)}
  </ul>`;
}

function notPlanned(stacks: readonly Failed[]): Markup | undefined {
  if (stacks.length === 0) return undefined;
  return html`<section class="notice" aria-labelledby="failed-title">
    <h3 id="failed-title">Not planned: nothing below tells what happens to ${stacks.length === 1 ? "it" : "them"}</h3>
    <ul>
      ${stacks.map(
        ({ stack, failure: { at, message } }) =>
          html`<li>
            <strong>${stack}</strong> at ${at === "base" ? "the base commit" : "the working tree"}
            <pre>${message}</pre>
          </li>`,
      )}
    </ul>
  </section>`;
}

interface Found {
  readonly change: Change;
  readonly finding: Finding;
}

function findingsOf(changes: readonly Change[]): Markup {
  const found = worstFirst(changes).flatMap((change) => change.findings.map((finding) => ({ change, finding })));
  const at = (level: Finding["level"]): Found[] => found.filter(({ finding }) => finding.level === level);
  const [dangers, warnings, infos] = [at("danger"), at("warning"), at("info")];
  return html`<h3>What must not be missed</h3>
    ${dangers.length === 0 ? html`<p>Nothing is destroyed that holds data, and nobody is let in.</p>` : findingList(dangers)}
    ${folded(warnings, warnings.length === 1 ? "warning" : "warnings")} ${folded(infos, "for information")}`;
}

function folded(found: readonly Found[], title: string): Markup | undefined {
  if (found.length === 0) return undefined;
  return html`<details class="more">
    <summary>${number(found.length)} ${title}</summary>
    ${findingList(found)}
  </details>`;
}

function findingList(found: readonly Found[]): Markup {
  return html`<ul class="findings">
    ${found.map(
      ({ change, finding: { level, message } }) =>
        html`<li>
          <span class="level ${level}">${level}</span> ${message}
          <a href="#${anchor(change.id)}">${typeParts(change.type).kind} ${change.name}</a>
          <span class="where">${change.stacks.join(", ")}</span>
        </li>`,
    )}
  </ul>`;
}

function stackTable(stacks: readonly Planned[]): Markup {
  const ops = Object.entries(opNames) as [keyof typeof opNames, string][];
  return html`<h3 id="stacks-title">By stack</h3>
    <div class="scroll" role="region" aria-labelledby="stacks-title" tabindex="0">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Stack</th>
            ${ops.map(([, name]) => html`<th scope="col" class="count">${name}</th>`)}
            <th scope="col">US dollars a month</th>
            <th scope="col">GPUs</th>
            <th scope="col">Policies</th>
          </tr>
        </thead>
        <tbody>
          ${stacks.map(
            (each) =>
              html`<tr>
                <th scope="row">
                  <a href="#changes" data-stack="${each.stack}">${each.stack}</a>
                  <span class="where"
                    >${each.target}, ${each.environment}${each.is === "changed" ? "" : `: ${each.is}`}</span
                  >
                </th>
                ${ops.map(([op]) => html`<td class="count ${each.summary[op] === 0 ? "none" : op}">${number(each.summary[op])}</td>`)}
                <td>${beforeAfter(money(each.cost.before), money(each.cost.after))}</td>
                <td>${gpus(each)}</td>
                <td>${policyCounts(each)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function beforeAfter(before: string, after: string): Markup {
  if (before === after) return html`<span class="muted">${after}</span>`;
  return html`<del>${before}</del> <span class="muted">to</span> <ins>${after}</ins>`;
}

function money(cost: StackDiff["cost"]["before"]): string {
  if (cost === undefined) return "no price";
  return range(usd(cost.atLeastUsd), usd(cost.atMostUsd));
}

const range = (least: string, most: string): string => (least === most ? least : `${least} – ${most}`);

function gpus({ gpus: { before, after } }: Planned): Markup {
  const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  if (kinds.length === 0) return html`<span class="muted">none</span>`;
  const amount = (of: Planned["gpus"]["before"][string] | undefined): string =>
    of === undefined ? "0" : range(number(of.min), number(of.max));
  const lines = kinds.map((kind) => html`${beforeAfter(amount(before[kind]), amount(after[kind]))} ${kind}`);
  return joined(lines, "<br />");
}

function policyCounts({ policies: { added, resolved } }: Planned): Markup {
  if (added.length + resolved.length === 0) return html`<span class="muted">as before</span>`;
  return html`${added.length === 0 ? undefined : html`<span class="delete">${number(added.length)} violated</span> `}
  ${resolved.length === 0 ? undefined : html`<span class="create">${number(resolved.length)} resolved</span>`}`;
}

function policies(stacks: readonly Planned[]): Markup {
  const added = together(stacks, ({ policies: { added } }) => added);
  const resolved = together(stacks, ({ policies: { resolved } }) => resolved);
  return html`${
    added.length === 0
      ? undefined
      : html`<h3>Policies violated now and not before</h3>
          ${policyList(added)}`
  }
  ${
    resolved.length === 0
      ? undefined
      : html`<details class="more">
          <summary>
            ${number(resolved.length)} policy ${resolved.length === 1 ? "violation" : "violations"} resolved
          </summary>
          ${policyList(resolved)}
        </details>`
  }`;
}

interface InStacks {
  readonly policy: PolicyChange;
  readonly stacks: readonly string[];
}

/** What is the same in many stacks, once. */
function together(stacks: readonly Planned[], of: (stack: Planned) => readonly PolicyChange[]): InStacks[] {
  const all = stacks.flatMap((each) => of(each).map((policy) => ({ policy, stack: each.stack })));
  const key = ({ policy: { rule, enforcement, resource, message } }: (typeof all)[number]): string =>
    JSON.stringify([rule, enforcement, resource, message]);
  return [...Map.groupBy(all, key).values()].flatMap((group) =>
    group.slice(0, 1).map(({ policy }) => ({ policy, stacks: group.map(({ stack }) => stack) })),
  );
}

function policyList(all: readonly InStacks[]): Markup {
  return html`<ul class="findings">
    ${all.map(
      ({ policy: { rule, enforcement, resource, message }, stacks }) =>
        html`<li>
          <span class="level ${enforcement === "mandatory" ? "danger" : "warning"}">${enforcement}</span>
          <strong>${rule}</strong>: ${message} <code>${resource}</code> <span class="where">${stacks.join(", ")}</span>
        </li>`,
    )}
  </ul>`;
}
