/**
 * What the app reads from the server, kept for when there is none. An answer is kept in the person's own store with
 * its ETag; an unchanged one costs a few bytes.
 */
export class Api {
  /** person: the id every answer must be for; store: the person's. */
  constructor({ store, person }) {
    Object.assign(this, { store, person });
  }

  /** What was kept: {value, at} or null. */
  async kept(name) {
    return (await this.store.get("cache", name)) ?? null;
  }

  /**
   * Ask the server anew: {value, at}, and `isNew` where it differs from what was kept. Without an answer what was kept,
   * with `failure`: "offline", "server", "log_in", "other_person" or the server's code.
   */
  async read(name, path) {
    const before = await this.kept(name);
    const usable = before?.path === path ? before : null;
    const answer = await get(path, { person: this.person, etag: usable?.etag });
    if (answer.unchanged && usable) return { ...usable, isNew: false };
    if (answer.failure) return { value: usable?.value ?? null, at: usable?.at, failure: answer.failure, isNew: false };
    const row = { id: name, path, value: answer.body, etag: answer.etag, at: Date.now() };
    await this.store.put("cache", row).catch(() => {}); // A full store keeps no lists, reports come first.
    return { ...row, isNew: true };
  }
}

const API = "/api/v1/";
const TIMEOUT_MS = 15_000;

/** path: below /api/v1/. {body, etag}, {unchanged: true} or {failure}. */
export async function get(path, { person, etag } = {}) {
  const headers = { Accept: "application/json" };
  if (person) headers["X-Person"] = person;
  if (etag) headers["If-None-Match"] = etag;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(API + path, { headers, signal: stop.signal, cache: "no-store" });
    if (answer.status === 304) return { unchanged: true };
    const body = await answer.json();
    if (answer.ok && !answer.redirected) return { body, etag: answer.headers.get("ETag") };
    return { failure: failureOf(answer, body), body };
  } catch {
    return { failure: "offline" };
  } finally {
    clearTimeout(timer);
  }
}

function failureOf(answer, body) {
  if (answer.status === 401 || answer.redirected || body?.code === "not_logged_in") return "log_in";
  return answer.status >= 500 ? "server" : body?.code ?? "server";
}
