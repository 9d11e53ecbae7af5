/// <reference lib="dom" />
/** Search and filters of the list of changes. Runs in the browser. */
import { byId } from "./elements.ts";

interface Row {
  readonly element: HTMLElement;
  readonly details: HTMLDetailsElement;
  readonly stacks: ReadonlySet<string>;
  /** Lower case; read when somebody first searches. */
  text?: string;
}

export interface List {
  /** Opens a change and goes there, out of whatever filter hides it. */
  readonly show: (id: string) => void;
}

const levels = ["", "info", "warning", "danger"];

export function startList(): List | undefined {
  const form = document.getElementById("filters");
  if (!(form instanceof HTMLFormElement)) return undefined;
  form.hidden = false;
  const search = byId("search", HTMLInputElement);
  const rows = [...document.querySelectorAll<HTMLElement>("ol.changes > li")].flatMap(rowOf);
  const [stack, op, type, level] = ["stack", "op", "type", "level"].map((id) => byId(id, HTMLSelectElement));

  const matches = (row: Row, words: readonly string[]): boolean => {
    const { dataset } = row.element;
    if (stack?.value && !row.stacks.has(String(stack.selectedIndex - 1))) return false;
    if (op?.value && dataset["op"] !== op.value) return false;
    if (type?.value && dataset["type"] !== type.value) return false;
    if (level?.value && levels.indexOf(dataset["level"] ?? "") < levels.indexOf(level.value)) return false;
    if (words.length === 0) return true;
    const text = (row.text ??= row.element.textContent.toLowerCase());
    return words.every((word) => text.includes(word));
  };
  const apply = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const match = matches(row, words);
      row.element.hidden = !match;
      if (match) count++;
    }
    const of = count === rows.length ? "" : ` of ${rows.length.toLocaleString("en-US")}`;
    const noun = rows.length === 1 ? "change" : "changes";
    byId("count", HTMLOutputElement).textContent = `${count.toLocaleString("en-US")}${of} ${noun}`;
  };

  let asked = 0;
  form.addEventListener("input", () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(apply);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(apply));
  const openShown = (open: boolean): void => {
    for (const { element, details } of rows) if (!element.hidden) details.open = open;
  };
  byId("open-all", HTMLButtonElement).addEventListener("click", () => openShown(true));
  byId("close-all", HTMLButtonElement).addEventListener("click", () => openShown(false));
  for (const link of document.querySelectorAll<HTMLElement>("a[data-stack]")) {
    link.addEventListener("click", () => {
      form.reset();
      if (stack !== undefined) stack.value = link.dataset["stack"] ?? "";
      apply();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  const show = (id: string): void => {
    const row = rows.find(({ details }) => details.id === id);
    if (row === undefined) return;
    if (row.element.hidden) {
      form.reset();
      apply();
    }
    row.details.open = true;
    row.details.scrollIntoView({ block: "start" });
    row.details.querySelector("summary")?.focus({ preventScroll: true });
  };
  const showLinked = (): void => show(decodeURIComponent(location.hash.slice(1)));
  window.addEventListener("hashchange", showLinked);
  // A link to where the page already is changes nothing, and yet its change may be closed by now.
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href^='#change-']") : null;
    if (link !== null && link.hash === location.hash) showLinked();
  });
  // What a browser kept of the fields when the page was loaded again holds.
  apply();
  showLinked();
  return { show };
}

function rowOf(element: HTMLElement): Row[] {
  const details = element.querySelector("details");
  if (details === null) return [];
  return [{ element, details, stacks: new Set(element.dataset["stacks"]?.split(" ")) }];
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
}

/** On paper nothing can be opened: all that is shown is open while the page is printed. */
export function openForPrint(): void {
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>("main details:not([open], .screen)")];
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
}
