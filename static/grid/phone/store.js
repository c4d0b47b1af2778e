/**
 * Where the phone keeps what is personal: one IndexedDB database a person, so that two workers on one phone never
 * see each other's. Every record lies under its own id in one of the PLACES; a write is one transaction, all of it
 * or nothing. Files are kept as bytes, not as Blobs: WebKit loses stored Blobs when it is killed.
 *
 * Where IndexedDB is refused (private mode) the same interface works in memory, and `durable` says so.
 */
export const PLACES = ["outbox", "files", "drafts", "cache", "sent"];

/** What brings a database from version n to n + 1. Only add: an older tab may have written a moment ago. */
export const UPGRADES = [
  (database) => {
    for (const place of PLACES) {
      const made = database.createObjectStore(place, { keyPath: "id" });
      if (place === "outbox") made.createIndex("event", "event");
    }
  },
];

const PATIENCE = 10_000; // milliseconds until a database that does not open counts as held by another tab

/** No room on the device. Nothing of what should have been written is there. */
export class StoreFullError extends Error {
  name = "StoreFullError";
}

/** Another tab with an older app holds the database: close the other tabs. */
export class StoreBlockedError extends Error {
  name = "StoreBlockedError";
}

/** The database was made by a newer app than this page: load the page again. */
export class StoreOutdatedError extends Error {
  name = "StoreOutdatedError";
}

/**
 * The store of this person. `onOutdated` is called when a newer app takes the database over.
 * Raises StoreBlockedError or StoreOutdatedError; a browser without IndexedDB gets a store in memory.
 */
export async function openStore(personId, options = {}) {
  const { indexedDB = factory(), upgrades = UPGRADES, onOutdated = () => {}, patience = PATIENCE } = options;
  const name = `grid-phone-${personId}`;
  if (!indexedDB) return new MemoryStore(name);
  const store = new IndexedStore(name, { indexedDB, upgrades, onOutdated, patience });
  try {
    await store.open();
  } catch (error) {
    if (error instanceof StoreBlockedError || error instanceof StoreOutdatedError) throw error;
    return new MemoryStore(name);
  }
  return store;
}

/** Reading the property alone throws where cookies are blocked. */
function factory() {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

class Store {
  constructor(name) {
    this.name = name;
  }

  /** Write one record under its id. */
  put(place, value) {
    return this.change([], () => [["put", place, value]]);
  }

  delete(place, id) {
    return this.change([], () => [["delete", place, id]]);
  }

  /** A kept file as a Blob, null where there is none. */
  async file(id) {
    const kept = await this.get("files", id);
    return kept ? new Blob([kept.bytes], { type: kept.type }) : null;
  }

  /** Bytes the browser says are free for this site; null where it does not say. */
  async estimate() {
    // eslint-disable-next-line compat/compat -- Asked whether it is there: Safari has it since 17.
    const told = await globalThis.navigator?.storage?.estimate?.().catch(() => null);
    return told?.quota ? Math.max(0, told.quota - told.usage) : null;
  }

  /** Ask the browser, once a start, not to throw this away when space is short; true where it promises. */
  persist() {
    this.asked ??= (async () => {
      const storage = globalThis.navigator?.storage; // eslint-disable-line compat/compat -- Safari has it since 15.2.
      if (!this.durable || !storage?.persist) return false;
      return (await storage.persisted()) || (await storage.persist());
    })().catch(() => false);
    return this.asked;
  }
}

/** What `put` wants for a file. */
export async function packed(id, blob) {
  return { id, bytes: await blob.arrayBuffer(), type: blob.type };
}

class IndexedStore extends Store {
  durable = true;
  #opening = null;

  constructor(name, options) {
    super(name);
    Object.assign(this, options);
  }

  /** The record, undefined where there is none. */
  get(place, id) {
    return this.#read(place, (records) => records.get(id));
  }

  all(place) {
    return this.#read(place, (records) => records.getAll());
  }

  /**
   * Read and write in one transaction. reads: [place, id], [place, {event}] or [place] for all of it;
   * decide(...found) returns, without waiting for anything, operations ["put", place, value] or ["delete", place, id].
   * Returns the operations done. Raises StoreFullError.
   */
  change(reads, decide) {
    return this.#within((database) => {
      const transaction = begin(database, PLACES, "readwrite");
      return new Promise((resolve, reject) => {
        let done = [];
        let wrong = null;
        transaction.oncomplete = () => resolve(done);
        transaction.onabort = () => reject(wrong ?? transaction.error ?? new DOMException("by the browser", "AbortError"));
        const asked = reads.map(([place, key]) => {
          const records = transaction.objectStore(place);
          if (key === undefined) return records.getAll();
          return typeof key === "object" ? records.index("event").getAll(key.event) : records.get(key);
        });
        const apply = () => {
          try {
            done = decide(...asked.map((request) => request.result));
            for (const [verb, place, value] of done) transaction.objectStore(place)[verb](value);
          } catch (error) {
            wrong = error;
            transaction.abort();
          }
        };
        let left = asked.length;
        for (const request of asked) request.onsuccess = () => --left || apply();
        if (!left) apply();
      });
    });
  }

  close() {
    this.#opening?.then((database) => database.close(), () => {});
    this.#opening = null;
  }

  open() {
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  #read(place, ask) {
    return this.#within((database) => {
      const request = ask(begin(database, [place], "readonly").objectStore(place));
      return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    });
  }

  /** Once more through a new connection when the old one was closed behind our back, as iOS does in the background. */
  async #within(work) {
    try {
      return await work(await this.open());
    } catch (error) {
      if (!isLost(error)) throw named(error);
      this.close();
    }
    try {
      return await work(await this.open());
    } catch (error) {
      throw named(error);
    }
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const request = this.indexedDB.open(this.name, this.upgrades.length);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new StoreBlockedError("held by another tab"));
      }, this.patience);
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const upgrade of this.upgrades.slice(oldVersion)) upgrade(request.result, request.transaction);
      };
      request.onerror = () => {
        clearTimeout(timer);
        reject(named(request.error));
      };
      request.onsuccess = () => {
        clearTimeout(timer);
        const database = request.result;
        if (late) {
          database.close();
          return;
        }
        database.onclose = () => this.close();
        database.onversionchange = () => {
          database.close();
          this.#opening = null;
          this.onOutdated();
        };
        resolve(database);
      };
    });
  }
}

/** With the device's word that a write is on the disk, where the browser knows to ask for it. */
function begin(database, places, mode) {
  return database.transaction(places, mode, { durability: "strict" });
}

const isLost = (error) =>
  ["InvalidStateError", "AbortError"].includes(error?.name) ||
  (error?.name === "UnknownError" && /connection/i.test(error.message));

function named(error) {
  if (error?.name === "QuotaExceededError") return new StoreFullError(error.message);
  if (error?.name === "VersionError") return new StoreOutdatedError(error.message);
  return error;
}

class MemoryStore extends Store {
  durable = false;
  #places = new Map(PLACES.map((place) => [place, new Map()]));

  async get(place, id) {
    return copy(this.#places.get(place).get(id));
  }

  async all(place) {
    return [...this.#places.get(place).values()].map(copy);
  }

  async change(reads, decide) {
    const found = reads.map(([place, key]) => {
      const records = this.#places.get(place);
      if (key === undefined || typeof key === "object") {
        return [...records.values()].filter((record) => !key || record.event === key.event).map(copy);
      }
      return copy(records.get(key));
    });
    const done = decide(...found);
    for (const [verb, place, value] of done) {
      if (verb === "put") this.#places.get(place).set(value.id, copy(value));
      else this.#places.get(place).delete(value);
    }
    return done;
  }

  close() {}
}

/** As IndexedDB would: nobody holds what lies in the store. Bytes are never written to, so they are shared. */
function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== "object" || value instanceof ArrayBuffer) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
}
