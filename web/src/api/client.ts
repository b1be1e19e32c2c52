/** Requests to the API: JSON in and out, the browser's cookie, the CSRF token, problem details as errors. */

export const API = "/api/v1";
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** A refusal, in the service's own words. `mistakes` names the places of a file that are wrong. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly mistakes: readonly Mistake[] = [],
  ) {
    super(message);
  }
}

export interface Mistake {
  file: string | null;
  key: string | null;
  line: number | null;
  message: string;
}

/** What becomes of the page when the session is over. Set once, by the session. */
let onExpired: () => void = () => undefined;
export function whenExpired(act: () => void): void {
  onExpired = act;
}

export function csrfToken(): string | null {
  const found = document.cookie.split("; ").find((each) => each.startsWith("aimon_csrf="));
  return found ? decodeURIComponent(found.slice("aimon_csrf=".length)) : null;
}

export function addressOf(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) value.forEach((each: string) => asked.append(key, each));
    else asked.append(key, String(value));
  }
  const text = asked.toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

export interface Tagged<T> {
  value: T;
  tag: string | null;
}

async function send<T>(method: string, address: string, body?: unknown, tag?: string): Promise<Tagged<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const token = csrfToken();
  if (method !== "GET" && token) headers["X-CSRF-Token"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (tag) headers["If-Match"] = tag;
  let answer: Response;
  try {
    answer = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem(0, "The service does not answer. It may be restarting; this page asks again.");
  }
  const text = await answer.text();
  const told = parsed(text);
  if (!answer.ok) throw refusal(answer, told);
  return { value: told as T, tag: answer.headers.get("ETag") };
}

/** What the service said; null where a proxy before it answered in its own way. */
function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function refusal(answer: Response, told: unknown): Problem {
  const said = (told ?? {}) as { detail?: string; mistakes?: Mistake[] };
  if (answer.status === 401 && !answer.url.endsWith("/auth/login")) onExpired();
  return new Problem(answer.status, said.detail ?? `The service answered ${answer.status}.`, said.mistakes);
}

export async function get<T>(path: string, query?: Query): Promise<T> {
  return (await send<T>("GET", addressOf(path, query))).value;
}

/** As `get`, with the tag that a later `put` must show so that nobody's change is lost. */
export function getTagged<T>(path: string): Promise<Tagged<T>> {
  return send<T>("GET", addressOf(path));
}

export async function post<T = unknown>(path: string, body: unknown = {}, query?: Query): Promise<T> {
  return (await send<T>("POST", addressOf(path, query), body)).value;
}

export async function put<T>(path: string, body: unknown, tag: string): Promise<T> {
  return (await send<T>("PUT", addressOf(path), body, tag)).value;
}

export async function patch<T>(path: string, body: unknown): Promise<T> {
  return (await send<T>("PATCH", addressOf(path), body)).value;
}

export async function remove(path: string): Promise<void> {
  await send("DELETE", addressOf(path));
}

/** A name as one part of a path. */
export function part(name: string | number): string {
  return encodeURIComponent(String(name));
}
