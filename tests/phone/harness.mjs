/**
 * A phone and a server for the tests of the outbox: a clock that only moves when told, a model of the server's
 * contract behind `fetch`, with faults by script, and a browser of which single tabs can be killed.
 */
import { createHash } from "node:crypto";
import { IDBFactory } from "fake-indexeddb";

import { Outbox } from "../../static/grid/phone/outbox.js";
import { sender } from "../../static/grid/phone/send.js";
import { openStore } from "../../static/grid/phone/store.js";

export const PERSON = 7;
export const START = Date.UTC(2026, 2, 4, 1, 0);

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that differ from those of every other seed. */
export function photo(seed, size = 3000, kind = "before_photo") {
  const bytes = Buffer.alloc(size, `picture ${seed} `);
  return { kind, blob: new Blob([bytes], { type: "image/jpeg" }), sha256: sha256(bytes), name: `${seed}.jpg` };
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Clock {
  elapsed = 0;
  off = 0; // how wrong the phone's clock is
  #sleepers = [];

  now = () => START + this.elapsed + this.off;

  wait = (milliseconds) =>
    new Promise((wake) => {
      this.#sleepers.push({ at: this.elapsed + milliseconds, wake });
    });

  /** Let this time pass; who sleeps until then wakes in turn. */
  async pass(milliseconds) {
    const end = this.elapsed + milliseconds;
    for (;;) {
      await calm();
      const first = this.#sleepers.sort((one, other) => one.at - other.at)[0];
      if (!first || first.at > end) break;
      this.#sleepers.shift();
      this.elapsed = Math.max(this.elapsed, first.at);
      first.wake();
    }
    this.elapsed = end;
    await calm();
  }
}

export const never = () => new Promise(() => {});

/** Until nothing happens any more but waiting for the clock: IndexedDB here works in immediates. */
export async function calm(turns = 60) {
  for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
}

export const json = (body, status = 200, headers = {}) => Response.json(body, { status, headers });
export const page = (status = 200) => new Response("<html><h1>Hello</h1></html>", { status });
export const refusal = (status, code, more = {}) => json({ code, message: `${code}.`, fields: {}, ...more }, status);

/** What can happen to a request, given what would carry it out. */
export const FAULTS = {
  cutBefore: () => {
    throw new TypeError("network");
  },
  cutAfter: async (handle) => {
    await handle();
    throw new TypeError("network");
  },
  truncated: async (handle) => {
    const answer = await handle();
    const text = await answer.text();
    return new Response(text.slice(0, text.length / 2), { status: answer.status });
  },
  doubled: async (handle) => {
    await handle();
    return handle();
  },
  foreign: () => json({ id: "0193f0c2-0000-7000-8000-000000000000", sha256: "0".repeat(64), received: true }),
  portal: () => page(200),
  proxy: () => page(403),
  down: () => refusal(500, "server_error"),
  gateway: () => page(502),
  busy: () => json({ code: "too_many_requests", message: "", fields: {} }, 429, { "Retry-After": "3" }),
};

/** The contract: idempotent by id, files in pieces by hash, moves by request_id. */
export class Server {
  reports = new Map();
  files = new Map(); // "event kind sha256" -> {bytes, done, id}
  moves = []; // {event, request_id, verb, data}
  complaints = new Map();
  known = new Set(); // events that were there before
  log = []; // "METHOD path"
  wrong = []; // what must never be asked
  script = []; // for the next requests: a fault, or null for none

  fetch = async (url, { method, headers, body, signal }) => {
    const path = url.replace("/api/v1/", "");
    this.log.push(`${method} ${path}`);
    if (headers["X-Person"] !== String(PERSON)) this.wrong.push(`no person: ${path}`);
    const handle = async () => this.#answer(method, path, headers, body);
    const fault = this.script.length ? this.script.shift() : this.fault?.(method, path);
    return fault ? fault(handle, signal) : handle();
  };

  #answer(method, path, headers, body) {
    if (path === "events/") return this.#report(JSON.parse(body));
    if (path === "complaints/") return this.#complaint(JSON.parse(body));
    const [, event, what, kind, sum, query = ""] = path.split("/");
    if (!this.reports.has(event) && !this.known.has(event)) {
      this.wrong.push(`before its report: ${path}`);
      return refusal(404, "not_found");
    }
    if (what === "moves") return this.#move(event, JSON.parse(body));
    return this.#file(event, kind, sum, headers, method === "PUT" ? { query, body } : null);
  }

  #report({ sent_at, ...content }) {
    const stored = this.reports.get(content.id);
    if (!sent_at) this.wrong.push("no sent_at");
    if (stored && stored !== JSON.stringify(content)) return refusal(409, "different_content");
    this.reports.set(content.id, JSON.stringify(content));
    return json(this.#event(content.id), stored ? 200 : 201);
  }

  #event(id) {
    const number = [...this.reports.keys()].indexOf(id) + 1;
    return { id, number: `3301042026${number}`, url: `/events/${id}/`, item_name: "Goods", photos_missing: this.missing(id) };
  }

  missing(id) {
    const { photos = [] } = JSON.parse(this.reports.get(id) ?? "{}");
    return photos.filter(({ kind, sha256: sum }) => !this.files.get(`${id} ${kind} ${sum}`)?.done).length;
  }

  #complaint({ id, text }) {
    this.complaints.set(id, text);
    return json({ id }, 201);
  }

  #move(event, { request_id, verb, data }) {
    const taken = this.moves.find((move) => move.request_id === request_id);
    const promised = data.evidence ?? [];
    const there = new Set([...this.files.values()].filter((file) => file.done).map((file) => file.id));
    if (!promised.every((id) => there.has(id))) this.wrong.push(`a move before its files: ${verb}`);
    if (!taken) this.moves.push({ event, request_id, verb, data });
    return json({ ...this.#event(event), id: event });
  }

  #file(event, kind, sum, headers, piece) {
    const key = `${event} ${kind} ${sum}`;
    const file = this.files.get(key) ?? { bytes: Buffer.alloc(0), done: false, id: null };
    const state = () => ({
      sha256: sum,
      size: file.size ?? null,
      received_bytes: file.bytes.length,
      received: file.done,
      id: file.id,
      photos_missing: this.missing(event),
    });
    if (!headers["X-Size"]) this.wrong.push(`no size: ${sum}`);
    if (!piece || file.done) return json(state());
    const offset = Number(piece.query.replace("?offset=", ""));
    if (offset !== file.bytes.length) return refusal(409, "wrong_offset", { received_bytes: file.bytes.length });
    file.size = Number(headers["X-Size"]);
    file.bytes = Buffer.concat([file.bytes, Buffer.from(piece.body)]);
    this.files.set(key, file);
    if (file.bytes.length === file.size) {
      if (sha256(file.bytes) !== sum) {
        this.files.delete(key);
        return refusal(400, "hash_mismatch");
      }
      Object.assign(file, { done: true, id: `evidence-${sum.slice(0, 8)}` });
    }
    return json(state());
  }
}

/** The tabs of one browser: they share a lock and hear each other; a killed one lets go of both. */
export class Browser {
  #held = null;
  #queue = [];
  #channels = new Set();

  tab() {
    const tab = { dead: false };
    const next = () => {
      this.#held = null;
      while (this.#queue.length && !this.#held) this.#queue.shift()();
    };
    tab.locks = {
      request: (_name, work) =>
        new Promise((resolve, reject) => {
          const begin = () => {
            if (tab.dead) return;
            this.#held = tab;
            const end = (settle) => (value) => {
              if (this.#held === tab && !tab.dead) next();
              settle(value);
            };
            Promise.resolve(work()).then(end(resolve), end(reject));
          };
          if (this.#held) this.#queue.push(begin);
          else begin();
        }),
    };
    const channels = this.#channels;
    tab.Channel = class {
      constructor() {
        channels.add(this);
        this.tab = tab;
      }
      postMessage(data) {
        for (const other of channels) if (other !== this && !other.tab.dead) queueMicrotask(() => other.onmessage?.({ data }));
      }
      close() {
        channels.delete(this);
      }
    };
    tab.kill = () => {
      tab.dead = true;
      if (this.#held === tab) next();
    };
    return tab;
  }
}

/** A phone with one tab open; `phone.open()` opens another or starts the app again over the same store. */
export async function phone({ memory = false, random = () => 0.5, lease = false, changes = [], send } = {}) {
  const clock = new Clock();
  const server = new Server();
  const browser = new Browser();
  const indexedDB = memory ? null : new IDBFactory();
  const store = await openStore(PERSON, { indexedDB });
  const call = sender({ person: PERSON, fetch: server.fetch, token: () => "t" });
  const open = (through = () => store) => {
    const tab = browser.tab();
    const outbox = new Outbox({
      store: through(tab),
      send: send ?? ((request) => call({ ...request, timeout: 1000 })), // Node lives as long as the last timer.
      now: clock.now,
      wait: async (milliseconds) => {
        await clock.wait(milliseconds);
        if (tab.dead) await never();
      },
      random,
      locks: lease ? null : tab.locks,
      Channel: tab.Channel,
      onChange: () => changes.push(clock.now()),
    });
    return { outbox, tab };
  };
  const { outbox, tab } = open();
  return { clock, server, browser, indexedDB, store, open, outbox, tab, changes };
}

export const REPORT = { item: "30202", description: "Goods on the pavement", area_code: "330104005001001" };
