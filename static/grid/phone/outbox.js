/**
 * What the worker sent, until the server has it: the records of records.js, and when each is tried.
 *
 * A record leaves only with the server's own acknowledgement of it, in the transaction that notes it under `sent`.
 * Within an event the order is kept: the report, its files, the moves, each with its files before it. Events are
 * independent of each other. What the server refuses stops and waits for the worker; all else is tried again.
 * Times are milliseconds; `next_at` is never trusted further ahead than the longest pause, because clocks are wrong.
 */
import { uuid7 } from "../report/uuid7.js";
import { Delivery } from "./delivery.js";
import {
  acknowledged,
  acknowledgedWithoutRoom,
  added,
  AGAIN,
  byAge,
  letters,
  next,
  ofEvent,
  ready,
  removed,
  renewed,
  reopened,
  unique,
} from "./records.js";
import { packed, StoreFullError } from "./store.js";
import { alone, Tabs } from "./turn.js";

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 300_000;
const LEAST_PAUSE = 1_000;
const STORE_PAUSE = 10_000; // when the store cannot be read
const IN_A_ROW = 3; // failures of different records after which it is the network, not the records
const MISMATCHES = 3; // times a file may arrive broken before the worker is asked

const PAUSES = ["log_in", "other_person"];
const PASSING = ["offline", "server"];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Outbox {
  /** Why nothing is sent at all: null, "log_in" or "other_person". wake() tries again. */
  paused = null;
  /** What the last round met: null, "offline", "server", "busy" or "training" (what is real waits for its end). */
  trouble = null;

  #me = uuid7();
  #working = null;
  #again = false;
  #closed = false;
  #timer = 0;
  #quietUntil = 0; // after failures in a row; wake() ends it
  #busyUntil = 0; // by the server's word; nothing ends it early
  #rounds = 0; // failed ones, one after the other

  /** training: the person's mode now; each record keeps the one it was made in. */
  constructor({
    store,
    send,
    now = Date.now,
    random = Math.random,
    wait = pause,
    locks = globalThis.navigator?.locks, // eslint-disable-line compat/compat -- Safari has it since 15.4; else a lease.
    onChange = () => {},
    training = false,
    Channel = globalThis.BroadcastChannel, // eslint-disable-line compat/compat -- as above; else by looking.
  }) {
    Object.assign(this, { store, now, random, wait, locks, onChange, training });
    this.delivery = new Delivery({ store, send, now });
    this.tabs = new Tabs(`${store.name}-outbox`, { Channel, look: () => this.#look(), onChange: () => this.#heard() });
  }

  /** Send now, and whenever the network or the worker comes back. */
  start() {
    globalThis.addEventListener("online", this.#wake);
    globalThis.addEventListener("pageshow", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    return this.wake();
  }

  close() {
    this.#closed = true;
    this.#timer++;
    this.tabs.close();
    globalThis.removeEventListener?.("online", this.#wake);
    globalThis.removeEventListener?.("pageshow", this.#wake);
    globalThis.document?.removeEventListener("visibilitychange", this.#wake);
  }

  // What goes in --------------------------------------------------------------------------------------

  /**
   * body: as the API takes it, without `photos`, which are the files. files: [{kind, blob, sha256, name}] or a draft's.
   * draft: the Draft this was, or its key; it leaves in the same transaction, and comes back by reopen().
   * Returns the report's id: the body's own, else a new one. Raises StoreFullError; then nothing is written.
   */
  async addReport(body, files = [], { title = "", draft = null } = {}) {
    const { id = uuid7(this.now()), ...content } = body;
    const once = unique(files);
    content.occurred_at ??= new Date(this.now()).toISOString();
    content.photos = once.map(({ kind, sha256 }) => ({ kind, sha256 }));
    return this.#add({ id, kind: "report", event: id, title, body: content }, once, draft);
  }

  /**
   * data: the verb's inputs; the ids of `files` are filled into data.evidence when they are known. id: of the draft,
   * so that pressing twice moves once.
   */
  async addMove({ id = uuid7(this.now()), event, verb, data = {}, version, files = [], title = "" }, { draft = null } = {}) {
    const body = { verb, data, ...(version === undefined ? {} : { version }) };
    return this.#add({ id, kind: "move", event, title, body }, unique(files), draft);
  }

  /** body: {text}. */
  async addComplaint(body, { title = "", draft = null } = {}) {
    const { id = uuid7(this.now()), ...content } = body;
    return this.#add({ id, kind: "complaint", event: null, title, body: content }, [], draft);
  }

  async #add(content, files, draft) {
    const { id, event } = content;
    const key = draft?.key ?? draft ?? "";
    const named = files.map((file) => ({ id: uuid7(this.now()), ...file }));
    const fresh = await Promise.all(named.filter((file) => !file.stored).map((file) => packed(file.id, file.blob)));
    const take = (waiting, sent, earlier, kept) => {
      const old = kept ? [["delete", "drafts", key]] : [];
      if (waiting || sent) return old; // Pressed twice.
      const about = { earlier, fields: kept?.fields ?? null, training: this.training, now: this.now() };
      return [...added(content, named, about), ...fresh.map((file) => ["put", "files", file]), ...old];
    };
    if (draft?.key) draft.taken = true; // What is typed in this moment must not bring it back.
    try {
      await this.#change([["outbox", id], ["sent", id], ofEvent(event), ["drafts", key]], take);
    } catch (error) {
      if (draft?.key) draft.taken = false;
      throw error;
    }
    this.store.persist();
    this.#begin();
    return id;
  }

  // What the worker sees and does -------------------------------------------------------------------------

  /** All records, oldest first. */
  async list() {
    return (await this.store.all("outbox")).sort(byAge);
  }

  /** How many letters are not yet with the server. */
  async waiting() {
    return letters(await this.store.all("outbox")).length;
  }

  /** What the server acknowledged, newest first: {id, kind, event, title, number, url, item_name, at, photos, photos_missing}. */
  async sent() {
    return (await this.store.all("sent")).sort((one, other) => other.at - one.at);
  }

  /** Send what is due. Resolves when nothing more can be sent now. */
  wake() {
    this.paused = null;
    this.#quietUntil = 0;
    return this.#work();
  }

  /** One that stopped, once more as it is. */
  async retry(id) {
    await this.#update(id, { ...AGAIN, mismatches: 0 });
    return this.wake();
  }

  /** The worker gives it up; a report takes its files and moves along. */
  async remove(id) {
    const record = await this.store.get("outbox", id);
    if (record) await this.#change([ofEvent(record.event)], (rows) => removed(record, rows));
  }

  /** A stopped one under a new key, after 409 different_content. Returns the new id, null where it is not stopped. */
  async renew(id) {
    const fresh = uuid7(this.now());
    const done = await this.#changeStopped(id, (record, rows) => renewed(record, rows, fresh));
    this.#begin();
    return done ? fresh : null;
  }

  /**
   * A stopped one as a draft again, with its files and its id, to be corrected. Returns the draft's key, which is
   * the id, or null where it is not stopped.
   */
  async reopen(id) {
    const done = await this.#changeStopped(id, (record, rows) => (record.files ? reopened(record, rows, this.now()) : []));
    return done ? id : null;
  }

  /** What did not stop may be at the server already. */
  async #changeStopped(id, decide) {
    const found = await this.store.get("outbox", id);
    if (!found) return false;
    const reads = [["outbox", id], ofEvent(found.event)];
    const done = await this.#change(reads, (record, rows) => (record?.state === "stopped" ? decide(record, rows) : []));
    return done.length > 0;
  }

  // Sending ------------------------------------------------------------------------------------------------

  /** The network may be back: what failed for want of it need not wait longer. */
  #wake = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    this.paused = null;
    this.#quietUntil = 0;
    this.#hurry(Infinity).catch(() => {});
  };

  /** What was to wait until then has waited. */
  async #hurry(until) {
    await this.#ifRoom([["outbox"]], (rows) => {
      const over = rows.filter((row) => row.state !== "stopped" && row.next_at && row.next_at <= until);
      return over.map((row) => ["put", "outbox", { ...row, next_at: 0 }]);
    });
    await this.#work();
  }

  /** Another tab changed something; it may have left us the sending. */
  #heard() {
    queueMicrotask(this.onChange);
    this.#begin();
  }

  /** In the background: what the store cannot do now is tried again with the next wake. */
  #begin() {
    this.#work().catch(() => {});
  }

  #work() {
    if (this.#closed) return Promise.resolve();
    this.#again = true;
    this.#working ??= this.#turn().finally(() => {
      this.#working = null;
      if (this.#again) return this.#work();
      this.#plan().catch(() => {});
    });
    return this.#working;
  }

  async #turn() {
    const { store, locks, now, wait } = this;
    let over = false;
    try {
      await alone({ store, locks, now, wait, me: this.#me }, async () => {
        await this.#recover();
        while (this.#again && !this.#closed) {
          this.#again = false;
          await this.#round();
        }
        over = true;
      });
    } finally {
      if (!over) this.#again = false; // Another tab is at it, or the store cannot: #plan() looks again.
    }
  }

  /** Whoever was sending these is gone: only one sends, and it is us. */
  async #recover() {
    await this.#ifRoom([["outbox"]], (rows) =>
      rows.filter((row) => row.state === "sending").map((row) => ["put", "outbox", { ...row, state: "waiting" }]),
    );
  }

  async #round() {
    let failures = 0;
    while (!this.#closed && !this.paused && !this.#isQuiet()) {
      const record = next(await this.store.all("outbox"), (at) => isDue(at, this.now()));
      if (!record) return;
      if (!(await this.#note(record.id, { state: "sending" }))) continue;
      const outcome = await this.delivery.deliver(record);
      if (!outcome.failure) {
        failures = this.#rounds = 0;
        this.trouble = null;
        await (outcome.done ? this.#acknowledge(record, outcome.done) : this.#goOn(record, outcome));
      } else if (await this.#fail(record, outcome.failure)) {
        failures += 1;
      }
      if (failures === IN_A_ROW) this.#rest();
    }
  }

  #rest() {
    this.#rounds += 1;
    this.#quietUntil = this.now() + this.#backoff(this.#rounds);
  }

  #isQuiet() {
    return !isDue(this.#quietUntil, this.now()) || !isDue(this.#busyUntil, this.now());
  }

  /** When the next one is due, look again. */
  async #plan() {
    if (this.#closed || this.paused) return;
    const turn = ++this.#timer;
    const rows = await this.store.all("outbox").catch(() => null);
    const times = rows ? ready(rows).map((row) => row.next_at) : [this.now() + STORE_PAUSE];
    if (!times.length) return;
    const at = Math.max(Math.min(...times), this.#quietUntil, this.#busyUntil);
    // At least a moment: where another tab holds the lease, what is due is not ours to send.
    await this.wait(Math.min(Math.max(at - this.now(), LEAST_PAUSE), LONGEST_PAUSE));
    if (turn !== this.#timer) return;
    // It has been waited for, whatever the clock says now.
    if (this.#quietUntil <= at) this.#quietUntil = 0;
    if (this.#busyUntil <= at) this.#busyUntil = 0;
    await this.#hurry(at);
  }

  /** Half to all of 2 s, 4 s, 8 s … 5 min, so that phones of one team do not all come back at once. */
  #backoff(tries) {
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)) * (0.5 + this.random() / 2);
  }

  /** A piece arrived. One that went astray costs a try, or two senders could throw it back and forth. */
  async #goOn(record, { at, astray = false }) {
    const tries = astray ? record.tries + 1 : 0;
    const next_at = tries > 2 ? this.now() + this.#backoff(tries) : 0;
    await this.#note(record.id, { state: "waiting", sent_bytes: at, tries, next_at });
  }

  /** Returns whether the next one will hardly fare better. */
  async #fail(record, failure) {
    const { kind, code, message, fields } = failure;
    const tries = record.tries + 1;
    const isAway = code === "training_changed" && !record.training; // Over in some hours at the latest.
    const later = { state: "waiting", tries, next_at: this.now() + this.#backoff(tries) };
    if (PAUSES.includes(kind)) {
      this.paused = kind;
      await this.#note(record.id, { state: "waiting" });
    } else if (kind === "busy") {
      this.trouble = kind;
      const asked = Math.min((failure.retryAfter || 5) * 1000, LONGEST_PAUSE);
      this.#busyUntil = this.now() + Math.min(asked * (1 + this.random() / 4), LONGEST_PAUSE);
      await this.#note(record.id, { state: "waiting" });
    } else if (PASSING.includes(kind) || isAway) {
      this.trouble = isAway ? "training" : kind;
      await this.#note(record.id, later);
    } else if (code === "hash_mismatch" && (record.mismatches ?? 0) + 1 < MISMATCHES) {
      await this.#note(record.id, { ...later, sent_bytes: 0, mismatches: (record.mismatches ?? 0) + 1 });
    } else {
      await this.#note(record.id, { state: "stopped", problem: { kind, code, message, fields } });
    }
    return PASSING.includes(kind) || isAway;
  }

  async #acknowledge(record, answer) {
    const reads = [ofEvent(record.event), ["sent"]];
    const note = (rows, sent) => acknowledged(record, answer, { rows, sent, now: this.now() });
    if (await this.#ifRoom(reads, note)) return;
    const done = await this.#change(reads, (rows) => acknowledgedWithoutRoom(record, rows));
    if (!done.length) this.#rest();
  }

  // Writing ------------------------------------------------------------------------------------------------

  /** Change a record that is still there. */
  async #update(id, changes) {
    const done = await this.#change([["outbox", id]], (row) => (row ? [["put", "outbox", { ...row, ...changes }]] : []));
    return done.length > 0;
  }

  /** As #update, of what is only remembered. */
  async #note(id, changes) {
    const done = await this.#ifRoom([["outbox", id]], (row) => (row ? [["put", "outbox", { ...row, ...changes }]] : []));
    if (!done && changes.state !== "sending") this.#rest();
    return !done || done.length > 0;
  }

  /** A full device must not keep us from sending, which is what empties it. Returns null where there was no room. */
  async #ifRoom(reads, decide) {
    try {
      return await this.#change(reads, decide);
    } catch (error) {
      if (error instanceof StoreFullError) return null;
      throw error;
    }
  }

  async #change(reads, decide) {
    const done = await this.store.change(reads, decide);
    if (done.length) this.#tell();
    return done;
  }

  #tell() {
    if (this.#closed) return;
    queueMicrotask(this.onChange); // A screen that fails does not hold up the queue.
    this.tabs.tell();
  }

  async #look() {
    const rows = await this.store.all("outbox");
    return rows.map((row) => [row.id, row.state, row.tries, row.sent_bytes].join()).join(";");
  }
}

const isDue = (at, now) => at <= now || at - now > LONGEST_PAUSE;
