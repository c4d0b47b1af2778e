import assert from "node:assert/strict";
import { test } from "node:test";

import { sender } from "../../static/grid/phone/send.js";
import { json, page, refusal } from "./harness.mjs";

/** [what it is, the answer or what raises, the kind it is taken for] */
const ANSWERS = [
  ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "offline"],
  ["half an answer", () => new Response('{"id": "01', { status: 201 }), "offline"],
  ["nothing", () => new Response("", { status: 200 }), "offline"],
  ["a hotel's page", () => page(200), "offline"],
  ["a bare word", () => new Response('"fine"', { status: 200 }), "offline"],
  ["cut in the answer's body", () => ({ ok: true, status: 200, text: () => Promise.reject(new TypeError("cut")) }), "offline"],
  ["sent elsewhere", () => ({ ...plain(200), redirected: true, url: "http://x/elsewhere/" }), "offline"],
  ["sent to the log-in", () => ({ ...plain(200), redirected: true, url: "http://x/accounts/login/?next=/" }), "log_in"],
  ["401", () => refusal(401, "not_logged_in"), "log_in"],
  ["401 without words", () => page(401), "log_in"],
  ["403 not_logged_in", () => refusal(403, "not_logged_in"), "log_in"],
  ["403 csrf_expired", () => refusal(403, "csrf_expired"), "log_in"],
  ["another person's session", () => refusal(409, "other_person"), "other_person"],
  ["500", () => refusal(500, "server_error"), "server"],
  ["502 of a proxy", () => page(502), "server"],
  ["503 with a word of its own", () => refusal(503, "maintenance"), "server"],
  ["403 of a proxy", () => page(403), "server"],
  ["404 of a proxy", () => page(404), "server"],
  ["400 refused", () => refusal(400, "invalid_input", { fields: { item: [{ code: "required" }] } }), "refused"],
  ["404 refused", () => refusal(404, "not_found"), "refused"],
  ["409 refused", () => refusal(409, "different_content"), "refused"],
  ["413", () => refusal(413, "body_too_large"), "too_big"],
  ["413 of a proxy", () => page(413), "too_big"],
  ["429 of a proxy", () => page(429), "busy"],
];
const plain = (status) => ({ status, ok: true, text: async () => "{}", headers: new Headers() });

for (const [name, answer, kind] of ANSWERS) {
  test(`${name} is ${kind}`, async () => {
    const send = sender({ person: 7, fetch: async () => answer(), token: () => "t" });
    const told = await send({ method: "POST", path: "events/", json: {} });
    assert.equal(told.kind, kind);
    if (kind === "refused") assert.ok(told.code && told.message && told.fields);
  });
}

test("busy tells the seconds", async () => {
  const answer = () => json({ code: "too_many_requests" }, 429, { "Retry-After": "40" });
  const told = await sender({ person: 7, fetch: async () => answer(), token: () => "t" })({ path: "me/" });
  assert.deepEqual([told.kind, told.retryAfter], ["busy", 40]);
});

test("a token that came while the request was on its way is taken at once; without a new one the log-in is asked for", async () => {
  let token = "";
  const said = [];
  const fetch = async (_url, { headers }) => {
    said.push(headers["X-CSRFToken"]);
    token = "new";
    return refusal(403, "csrf_expired");
  };
  const send = sender({ person: 7, fetch, token: () => token });
  assert.equal((await send({ method: "POST", path: "events/", json: {} })).kind, "log_in");
  assert.deepEqual(said, ["", "new"]);
  assert.equal((await send({ method: "POST", path: "events/", json: {} })).kind, "log_in");
  assert.deepEqual(said, ["", "new", "new"]);
});

test("one that does not answer is given up", async () => {
  const fetch = (_url, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  const send = sender({ person: 7, fetch, token: () => "t" });
  assert.equal((await send({ path: "me/", timeout: 10 })).kind, "offline");
});

test("one that begins to answer and stops is given up", async () => {
  const fetch = async (_url, { signal }) => {
    const text = () => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
    return { ok: true, status: 200, text };
  };
  assert.equal((await sender({ person: 7, fetch, token: () => "t" })({ path: "me/", timeout: 10 })).kind, "offline");
});

test("what is sent says who, in which mode, and for what size", async () => {
  const seen = [];
  const fetch = async (url, options) => seen.push([url, options]) && json({});
  const send = sender({ person: 7, fetch, token: () => "token" });
  await send({ method: "POST", path: "events/", json: { a: 1 }, training: true });
  await send({ method: "PUT", path: "x/", bytes: new ArrayBuffer(3), size: 9, training: false });
  await send({ path: "me/" });
  const [[url, post], [, put], [, get]] = seen;
  assert.equal(url, "/api/v1/events/");
  assert.deepEqual([post.headers["X-Person"], post.headers["X-CSRFToken"], post.headers["X-Training"]], ["7", "token", "1"]);
  assert.equal(post.body, '{"a":1}');
  assert.deepEqual([put.headers["X-Size"], put.headers["Content-Type"], put.headers["X-Training"]], ["9", "application/octet-stream", "0"]);
  assert.deepEqual([get.method, get.headers["X-CSRFToken"], get.headers["X-Training"]], ["GET", undefined, undefined]);
});
