/**
 * One HTTP call, and what came of it: {kind: "ok", status, body} or a failure with one of these kinds.
 *
 * - offline: no network, too slow, cut off, or an answer that is none of ours
 * - server: it is there and cannot (5xx, or a refusal that is not in our words: a proxy's)
 * - busy: 429, with `retryAfter` seconds
 * - log_in: the session has ended; other_person: it is somebody else's now
 * - too_big: 413; refused: any other 4xx. These two repeat themselves: asking again changes nothing.
 *
 * Failures bring `status`, `code`, `message`, `fields` and `body` as far as the answer had them.
 */
const TIMEOUT = 20_000; // milliseconds from the call to the end of the answer
const PIECE_TIMEOUT = 60_000;

export const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

/**
 * send({method, path, json, bytes, size, training, timeout}) for this person; path begins below /api/v1/.
 * bytes: an ArrayBuffer, one piece of a file; size: of the whole file.
 */
export function sender({ person, fetch = globalThis.fetch.bind(globalThis), token = csrfToken, base = "/api/v1/" }) {
  return async function send(request) {
    const before = token();
    const answer = await call(request, before);
    // The log-in was renewed, or the cookie came, while this was on its way.
    const isOvertaken = answer.code === "csrf_expired" && token() !== before;
    return isOvertaken ? call(request, token()) : answer;
  };

  async function call({ method = "GET", path, json, bytes, size, training, timeout }, csrf) {
    const headers = { Accept: "application/json", "X-Person": String(person) };
    if (method !== "GET") headers["X-CSRFToken"] = csrf;
    if (training !== undefined) headers["X-Training"] = training ? "1" : "0";
    if (json) headers["Content-Type"] = "application/json";
    if (bytes) headers["Content-Type"] = "application/octet-stream";
    if (size !== undefined) headers["X-Size"] = String(size);
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), timeout ?? (bytes ? PIECE_TIMEOUT : TIMEOUT));
    try {
      const response = await fetch(base + path, {
        method,
        headers,
        body: json ? JSON.stringify(json) : bytes,
        cache: "no-store",
        credentials: "same-origin",
        signal: control.signal,
      });
      return judged(response, await response.text());
    } catch {
      return { kind: "offline", status: 0 };
    } finally {
      clearTimeout(timer);
    }
  }
}

function judged(response, text) {
  const { status } = response;
  const body = parsed(text);
  const { code = "", message = "", fields = {} } = body ?? {};
  const failure = (kind, more) => ({ kind, status, code, message, fields, body, ...more });
  if (response.redirected) return failure(/\/login\//.test(response.url) ? "log_in" : "offline");
  if (response.ok) return body ? { kind: "ok", status, body } : failure("offline");
  if (status === 401 || code === "not_logged_in" || code === "csrf_expired") return failure("log_in");
  if (status === 413) return failure("too_big");
  if (status === 429) return failure("busy", { retryAfter: Number(response.headers.get("Retry-After")) || 0 });
  if (code === "other_person") return failure("other_person");
  if (status >= 400 && status < 500 && code) return failure("refused");
  return failure("server");
}

/** An object of JSON; null for a page of HTML, half an answer, a bare word. */
function parsed(text) {
  try {
    const body = JSON.parse(text);
    return body && typeof body === "object" ? body : null;
  } catch {
    return null;
  }
}
