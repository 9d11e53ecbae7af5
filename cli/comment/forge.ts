/** Requests to the API of a forge. */
import { UserError } from "../../shared/errors.ts";
import { marker } from "../diff/markdown.ts";

/** Seconds until a request is given up. */
const timeoutSeconds = 30;
/** Pages of comments that are looked through; each has 100. */
const maxPages = 50;

export interface Forge {
  readonly api: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A comment of a pull request, or a note of a merge request. */
interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

export interface Thread {
  /** Where comments are listed and added. */
  readonly list: string;
  /** Where one is changed. */
  readonly one: (id: number) => string;
  readonly method: "PATCH" | "PUT";
  /** Only this author's comments are ours, whatever others write. */
  readonly author: string;
  readonly read: (answer: unknown) => readonly Comment[];
}

export async function ask(
  { api, headers }: Forge,
  method: "GET" | "POST" | "PATCH" | "PUT",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const url = `${api}${path}`;
  const response = await fetch(url, {
    method,
    headers: { ...headers, accept: "application/json", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A token is for this host only.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new UserError(
      `${method} ${url}: answered with ${response.status}: ${text.slice(0, 300)}. Check what the token may do`,
    );
  }
  return JSON.parse(text);
}

/**
 * Writes the comment, or changes the one that was written before, which begins with the marker.
 *
 * @returns what it did.
 */
export async function keepComment(
  forge: Forge,
  thread: Thread,
  body: string,
): Promise<"created" | "updated" | "unchanged"> {
  const before = await findComment(forge, thread);
  if (before === undefined) await ask(forge, "POST", thread.list, { body });
  else if (before.body.trim() === body.trim()) return "unchanged";
  else await ask(forge, thread.method, thread.one(before.id), { body });
  return before === undefined ? "created" : "updated";
}

async function findComment(forge: Forge, thread: Thread): Promise<Comment | undefined> {
  for (let page = 1; page <= maxPages; page += 1) {
    const comments = thread.read(await ask(forge, "GET", `${thread.list}?per_page=100&page=${page}`));
    const ours = comments.find(({ author, body }) => author === thread.author && body.startsWith(marker));
    if (ours !== undefined) return ours;
    if (comments.length < 100) return undefined;
  }
  throw new UserError(`${thread.list}: more than ${maxPages * 100} comments; the one of kf diff was not among them`);
}
