/** The list of changes: each is a `<details>` that works without any script. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { ReportValue } from "../../../engine/report.ts";
import type { Change, ChangeOp, DiffReport, Finding } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { diffTable } from "./values.ts";

/** For people, in the order in which a reviewer wants them. */
export const opNames: Readonly<Record<ChangeOp, string>> = {
  delete: "deleted",
  replace: "replaced",
  change: "changed",
  create: "created",
};

/** Characters of a new or deleted resource that are shown: CRDs have hundreds of thousands. */
const longestInputs = 20_000;

const levels = ["danger", "warning", "info"] as const;

/** Id of the element of a change, from whatever string its id is; the same in every page with that change. */
export function anchor(id: string): string {
  return `change-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

/** `kubernetes:apps/v1:Deployment` in two: what it is, and where that comes from. */
export function typeParts(type: string): { readonly kind: string; readonly module: string } {
  const at = type.lastIndexOf(":");
  return { kind: type.slice(at + 1), module: at < 0 ? "" : type.slice(0, at) };
}

function worstLevel({ findings }: Change): Finding["level"] | undefined {
  return levels.find((level) => findings.some((finding) => finding.level === level));
}

export function worstFirst(changes: readonly Change[]): Change[] {
  const ops = Object.keys(opNames);
  const rank = (change: Change): number => {
    const level = worstLevel(change);
    return (level === undefined ? levels.length : levels.indexOf(level)) * ops.length + ops.indexOf(change.op);
  };
  return changes.toSorted((a, b) => rank(a) - rank(b) || compare(a.type, b.type) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function changesSection(report: DiffReport): Markup {
  const { changes } = report;
  const stacks = report.stacks.map(({ stack }) => stack);
  return html`<section id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">Changes</h2>
    ${changes.length === 0 ? html`<p>Nothing changes.</p>` : undefined}
    ${changes.length > 0 ? filters(report) : undefined}
    <ol class="changes">
      ${worstFirst(changes).map((change) => item(change, stacks))}
    </ol>
  </section>`;
}

function filters({ changes, stacks }: DiffReport): Markup {
  const ops = Object.entries(opNames).map(([op, name]) =>
    option(
      op,
      name,
      count(changes, (each) => each.op === op),
    ),
  );
  const types = [...Map.groupBy(changes, ({ type }) => type)].map(([type, { length }]) => ({ type, length }));
  types.sort((a, b) => compare(typeParts(a.type).kind, typeParts(b.type).kind) || compare(a.type, b.type));
  const at = (level: Finding["level"]): number => count(changes, (each) => worstLevel(each) === level);
  return html`<form class="filters" id="filters" role="search" aria-label="Changes" hidden>
    <label class="wide"
      >Search <input type="search" id="search" name="search" autocomplete="off" spellcheck="false" /><kbd
        title="Press / to search"
        >/</kbd
      ></label
    >
    ${select(
      "stack",
      "Stack",
      "all stacks",
      stacks.map(({ stack }) =>
        option(
          stack,
          stack,
          count(changes, (each) => each.stacks.includes(stack)),
        ),
      ),
    )}
    ${select("op", "Change", "all changes", ops)}
    ${select(
      "type",
      "Type",
      "all types",
      types.map(({ type, length }) => option(type, typeLabel(type), length)),
    )}
    ${select("level", "Findings", "with or without", [
      option("danger", "danger", at("danger")),
      option("warning", "danger or warning", at("danger") + at("warning")),
      option(
        "info",
        "any finding",
        count(changes, ({ findings }) => findings.length > 0),
      ),
    ])}
    <div class="actions">
      <output id="count" for="search stack op type level" role="status">${shown(changes.length)}</output>
      <button type="reset">Show all</button>
      <button type="button" id="open-all">Open all</button>
      <button type="button" id="close-all">Close all</button>
    </div>
  </form>`;
}

const shown = (total: number): string => `${total.toLocaleString("en-US")} ${total === 1 ? "change" : "changes"}`;

function typeLabel(type: string): string {
  const { kind, module } = typeParts(type);
  return module === "" ? kind : `${kind} (${module})`;
}

function count(changes: readonly Change[], is: (change: Change) => boolean): number {
  return changes.filter(is).length;
}

function option(value: string, label: string, amount: number): Markup {
  return html`<option value="${value}">${label} · ${amount}</option>`;
}

/** One without a value stands for all. */
export function select(name: string, label: string, all: string, options: readonly Markup[]): Markup {
  return html`<label
    >${label}
    <select id="${name}" name="${name}">
      <option value="">${all}</option>
      ${options}
    </select></label
  >`;
}

function item(change: Change, stacks: readonly string[]): Markup {
  const { op, type, name, findings } = change;
  const { kind, module } = typeParts(type);
  const indices = change.stacks.map((stack) => String(stacks.indexOf(stack))).join(" ");
  return html`<li data-op="${op}" data-type="${type}" data-level="${worstLevel(change) ?? ""}" data-stacks="${indices}">
    <details class="change" id="${anchor(change.id)}">
      <summary>
        <span class="op ${op}">${opNames[op]}</span>
        <span class="what"
          ><span class="name">${name}</span>
          <span class="type">${kind} <span class="module">${module}</span></span></span
        >
        <span class="notes"
          >${levels.map((level) => levelNote(findings, level))}<span class="where">${where(change, stacks)}</span></span
        >
      </summary>
      <div class="body">${body(change)}</div>
    </details>
  </li>`;
}

function levelNote(findings: readonly Finding[], level: Finding["level"]): Markup {
  const { length } = findings.filter((finding) => finding.level === level);
  if (length === 0) return html``;
  return html`<span class="level ${level}">${length > 1 ? `${String(length)} × ` : ""}${level}</span> `;
}

function where(change: Change, stacks: readonly string[]): string {
  const { length } = change.stacks;
  if (length <= 1) return change.stacks[0] ?? "";
  return length === stacks.length ? `all ${String(length)} stacks` : `${String(length)} stacks`;
}

function body(change: Change): Markup {
  const { op, findings, replaceReasons, diffs, inputs } = change;
  return html`${
      findings.length === 0
        ? undefined
        : html`<ul class="findings">
            ${findings.map(({ level, message }) => html`<li><span class="level ${level}">${level}</span> ${message}</li>`)}
          </ul>`
    }
    ${
      replaceReasons.length === 0
        ? undefined
        : html`<p>Replaced because of:</p>
            <ul>
              ${replaceReasons.map(({ path, reason }) => html`<li><code>${path}</code>: ${reason}</li>`)}
            </ul>`
    }
    <p class="stacks"><span class="muted">In</span> ${change.stacks.join(", ")}</p>
    ${diffs.length > 0 ? diffTable(diffs) : undefined} ${inputs === undefined ? undefined : wholeInputs(op, inputs)}`;
}

/** Of what is new or gone. */
function wholeInputs(op: ChangeOp, inputs: ReportValue): Markup {
  const text = stringify(inputs);
  const rest = text.length - longestInputs;
  return html`<pre class="inputs ${op}">${text.slice(0, longestInputs)}</pre>
    ${rest > 0 ? html`<p class="muted">${rest.toLocaleString("en-US")} more characters are in what --json writes.</p>` : undefined}`;
}
