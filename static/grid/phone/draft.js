/**
 * What is typed and photographed and not yet sent: kept in the store at every change, files included, under a key
 * of its screen ("report", a move's verb and event, or the id of a record that was reopened). It leaves the store in
 * the transaction in which the outbox takes it, `outbox.addReport({id: draft.id, ...}, draft.files, {draft})`; what is
 * set after that is not kept.
 */
import { uuid7 } from "../report/uuid7.js";
import { packed, StoreFullError } from "./store.js";

/** Whether a draft's record is worth going on with: more is in it than a place somebody was at. */
export const isWorth = ({ problem, fields, files }) => {
  const { place, ...typed } = fields ?? {};
  return Boolean(problem) || files.length > 0 || Object.values(typed).some(Boolean);
};

export class Draft {
  /** The kept draft, or an empty one. */
  static async open(store, key = "report") {
    const kept = await store.get("drafts", key);
    const draft = new Draft(store, key, kept ?? {});
    for (const file of draft.files) Object.assign(file, { blob: await store.file(file.id), stored: true });
    draft.files = draft.files.filter((file) => file.blob);
    return draft;
  }

  /** The records of all drafts, newest first. */
  static async all(store) {
    return (await store.all("drafts")).sort((one, other) => other.saved_at - one.saved_at);
  }

  constructor(store, key, kept) {
    Object.assign(this, { store, key });
    this.id = kept.record ?? uuid7(); // The report's own, so that pressing twice sends once.
    this.fields = kept.fields ?? {}; // By the screen's names.
    this.files = kept.files ?? []; // [{id, kind, name, sha256, size, type, blob, stored}]
    this.about = kept.body ? kept : null; // Of a move, and of what was refused: {kind, event, title, body, problem}.
    this.touched = false; // Whether somebody did anything to it here.
    this.full = false; // Whether the device had no room for the last change.
    this.taken = false; // Whether the outbox has it.
  }

  get isEmpty() {
    return this.files.length === 0 && !Object.values(this.fields).some(Boolean);
  }

  /** Keep these fields. Resolves to false when the device is full: then they are only on the screen. */
  set(fields) {
    Object.assign(this.fields, fields);
    return this.#save();
  }

  /** file: {kind, blob, sha256, name}. The same bytes of one kind are one file, returned as it is. */
  async add({ kind, blob, sha256, name = "" }) {
    const same = this.files.find((file) => file.kind === kind && file.sha256 === sha256);
    if (same) return same;
    this.touched = true;
    const file = { id: uuid7(), kind, name, sha256, size: blob.size, type: blob.type, blob };
    this.files.push(file);
    const bytes = await packed(file.id, blob);
    file.stored = await this.#save([["put", "files", bytes]]);
    return file;
  }

  /** Whether another tab has sent it. */
  async isSent() {
    const found = await Promise.all(["outbox", "sent"].map((place) => this.store.get(place, this.id)));
    return !this.taken && found.some(Boolean);
  }

  /** What is in it becomes another report: the one it was has been sent, with its files. False as in set(). */
  async renew() {
    this.id = uuid7();
    this.files = this.files.map((file) => ({ ...file, id: uuid7(), stored: false }));
    const bytes = await Promise.all(this.files.map(({ id, blob }) => packed(id, blob)));
    const isKept = await this.#save(bytes.map((each) => ["put", "files", each]));
    for (const file of this.files) file.stored = isKept;
    return isKept;
  }

  remove(id) {
    this.touched = true;
    this.files = this.files.filter((file) => file.id !== id);
    return this.#save([["delete", "files", id]]);
  }

  /** Nothing of it is kept. */
  async clear() {
    const gone = this.files.map((file) => ["delete", "files", file.id]);
    Object.assign(this, { id: uuid7(), fields: {}, files: [], about: null });
    await this.#write(() => [["delete", "drafts", this.key], ...gone]);
  }

  #save(more = []) {
    return this.#write(() => [["put", "drafts", this.#record()], ...more]);
  }

  #record() {
    const files = this.files.map(({ blob, stored, ...file }) => file);
    const { kind, event, title, body, problem } = this.about ?? {};
    return { id: this.key, record: this.id, kind, event, title, body, problem, fields: this.fields, files, saved_at: Date.now() };
  }

  async #write(decide) {
    if (this.taken) return true;
    try {
      await this.store.change([], decide);
      this.full = false;
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error;
      this.full = true;
    }
    return !this.full;
  }
}
