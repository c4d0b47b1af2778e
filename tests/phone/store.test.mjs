import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { Draft } from "../../static/grid/phone/draft.js";
import { openStore, packed, StoreBlockedError, StoreFullError, StoreOutdatedError, UPGRADES } from "../../static/grid/phone/store.js";
import { calm, FAULTS, phone, photo, REPORT } from "./harness.mjs";

const STORES = [
  ["IndexedDB", () => openStore(7, { indexedDB: new IDBFactory() })],
  ["memory", () => openStore(7, { indexedDB: null })],
];

for (const [name, open] of STORES) {
  test(`${name}: a change reads and writes as one, and hands out copies`, async () => {
    const store = await open();
    assert.equal(store.durable, name === "IndexedDB");
    await store.put("outbox", { id: "a", event: "e", body: { text: "one" } });
    await store.put("outbox", { id: "b", event: "f" });
    const done = await store.change([["outbox", "a"], ["outbox", { event: "f" }], ["outbox"], ["sent", "x"]], (a, of, all, none) => {
      assert.equal(a.body.text, "one");
      assert.deepEqual([of.map((row) => row.id), all.length, none], [["b"], 2, undefined]);
      return [["delete", "outbox", "a"], ["put", "sent", { id: "a" }]];
    });
    assert.equal(done.length, 2);
    assert.deepEqual(await store.all("outbox"), [{ id: "b", event: "f" }]);
    (await store.get("sent", "a")).id = "changed by a reader";
    assert.deepEqual(await store.get("sent", "a"), { id: "a" });
    assert.equal(await store.get("sent", "b"), undefined);
  });

  test(`${name}: a change that raises writes nothing`, async () => {
    const store = await open();
    const wrong = store.change([["outbox"]], () => {
      throw new Error("no");
    });
    await assert.rejects(wrong, /no/);
    assert.deepEqual(await store.all("sent"), []);
  });

  test(`${name}: a file comes back with its bytes and its type`, async () => {
    const store = await open();
    await store.put("files", await packed("f", new Blob(["abc"], { type: "image/jpeg" })));
    const file = await store.file("f");
    assert.deepEqual([await file.text(), file.type], ["abc", "image/jpeg"]);
    assert.equal(await store.file("none"), null);
  });
}

test("of a change that fails in the middle nothing is written", async () => {
  const store = await openStore(7, { indexedDB: new IDBFactory() });
  await assert.rejects(store.change([], () => [["put", "sent", { id: "a" }], ["put", "sent", { none: 1 }]]));
  assert.deepEqual(await store.all("sent"), []);
});

test("each person has a database of their own", async () => {
  const indexedDB = new IDBFactory();
  const [mine, theirs] = [await openStore(7, { indexedDB }), await openStore(8, { indexedDB })];
  await mine.put("drafts", { id: "report", fields: { description: "mine" } });
  assert.deepEqual(await theirs.all("drafts"), []);
});

test("where IndexedDB cannot be opened the store is in memory and says so", async () => {
  const refusing = {
    open() {
      throw new DOMException("private", "SecurityError");
    },
  };
  const store = await openStore(7, { indexedDB: refusing });
  assert.equal(store.durable, false);
  assert.equal(await store.persist(), false);
});

test("a connection that was closed behind our back is opened anew", async () => {
  const store = await openStore(7, { indexedDB: new IDBFactory() });
  await store.put("sent", { id: "a" });
  (await store.open()).close();
  assert.deepEqual(await store.get("sent", "a"), { id: "a" });
  (await store.open()).close();
  await store.put("sent", { id: "b" });
  assert.equal((await store.all("sent")).length, 2);
});

test("a transaction the browser aborts, as iOS does in the background, is tried once more", async () => {
  const store = await openStore(7, { indexedDB: new IDBFactory() });
  const database = await store.open();
  const begin = database.transaction.bind(database);
  database.transaction = (...told) => {
    const transaction = begin(...told);
    queueMicrotask(() => transaction.abort());
    return transaction;
  };
  await store.put("sent", { id: "a" });
  assert.deepEqual(await store.get("sent", "a"), { id: "a" });
});

test("a newer app in another tab takes the database over, and the old page is told to load again", async () => {
  const indexedDB = new IDBFactory();
  let outdated = 0;
  const old = await openStore(7, { indexedDB, onOutdated: () => (outdated += 1) });
  await old.put("sent", { id: "a" });
  const upgrades = [...UPGRADES, (database) => database.createObjectStore("extra", { keyPath: "id" })];
  const young = await openStore(7, { indexedDB, upgrades });
  assert.equal(outdated, 1);
  assert.deepEqual(await young.get("sent", "a"), { id: "a" });
  await assert.rejects(old.put("sent", { id: "b" }), StoreOutdatedError);
  await assert.rejects(openStore(7, { indexedDB }), StoreOutdatedError);
});

test("a tab that does not let go of the database is named, not worked around: its queue would seem empty", async () => {
  const indexedDB = new IDBFactory();
  const deaf = await new Promise((done) => {
    const request = indexedDB.open("grid-phone-7", 1);
    request.onsuccess = () => done(request.result);
  });
  const upgrades = [...UPGRADES, () => {}];
  await assert.rejects(openStore(7, { indexedDB, upgrades, patience: 50 }), StoreBlockedError);
  deaf.close();
  assert.equal((await openStore(7, { indexedDB, upgrades })).durable, true);
});

test("a queue written by the first version of the app is read and sent by this one", async () => {
  const { rows } = JSON.parse(readFileSync(new URL("v1.json", import.meta.url)));
  const there = await phone();
  await new Promise((done, fail) => {
    const request = there.indexedDB.open("grid-phone-9", 1);
    request.onupgradeneeded = () => {
      for (const place of ["outbox", "files", "drafts", "cache", "sent"]) {
        const made = request.result.createObjectStore(place, { keyPath: "id" });
        if (place === "outbox") made.createIndex("event", "event");
      }
    };
    request.onerror = fail;
    request.onsuccess = () => {
      const transaction = request.result.transaction(Object.keys(rows), "readwrite");
      for (const [place, values] of Object.entries(rows)) {
        for (const { base64, ...value } of values) {
          if (base64) value.bytes = Uint8Array.from(Buffer.from(base64, "base64")).buffer;
          transaction.objectStore(place).put(value);
        }
      }
      transaction.oncomplete = () => done(request.result.close());
    };
  });
  const store = await openStore(9, { indexedDB: there.indexedDB });
  const { outbox } = there.open(() => store);
  await outbox.wake();
  await there.clock.pass(5000);
  assert.deepEqual(await outbox.list(), []);
  const [report] = rows.outbox.filter((row) => row.kind === "report");
  assert.deepEqual([...there.server.reports.keys()], [report.id]);
  assert.equal(there.server.missing(report.id), 0);
  assert.deepEqual(there.server.moves.map((move) => [move.verb, move.data.evidence.length]), [["supplement", 1]]);
  assert.equal(there.server.complaints.size, 1);
  assert.deepEqual(there.server.wrong, []);
  const draft = await Draft.open(store);
  assert.deepEqual([draft.fields.description, draft.files.length], ["Half a sentence", 1]);
});

/** As a full device: of a change in which anything `fails`, nothing is written. */
function fill(store, fails) {
  const change = store.change.bind(store);
  store.change = (reads, decide) =>
    change(reads, (...found) => {
      const operations = decide(...found);
      if (operations.some(fails)) throw new StoreFullError("quota");
      return operations;
    });
}

test("the browser's own word for a full device becomes StoreFullError, and nothing half is written", async () => {
  const there = await phone();
  const database = await there.store.open();
  const original = database.transaction.bind(database);
  database.transaction = (...told) => {
    const transaction = original(...told);
    const files = transaction.objectStore.bind(transaction);
    transaction.objectStore = (name) => {
      const records = files(name);
      if (name === "files") {
        records.put = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      }
      return records;
    };
    return transaction;
  };
  await assert.rejects(there.outbox.addReport({ item: "1" }, [photo(1)]), StoreFullError);
  assert.deepEqual(await there.outbox.list(), []);
});

test("a full device: the report is not taken, and the draft keeps what was typed", async () => {
  const there = await phone();
  const { outbox, store } = there;
  fill(store, ([verb, place]) => verb === "put" && place === "files");
  const draft = await Draft.open(store);
  assert.equal(await draft.set({ description: "Typed" }), true);
  await draft.add(photo(1));
  assert.equal(draft.full, true);
  await assert.rejects(outbox.addReport({ id: draft.id, item: "1" }, draft.files, { draft: draft.key }), StoreFullError);
  await calm();
  assert.deepEqual([await outbox.list(), there.server.log], [[], []]);
  const kept = await Draft.open(store);
  assert.deepEqual([kept.id, kept.fields], [draft.id, { description: "Typed" }]);
});

test("a device so full that not even a state can be noted still sends, which is what empties it", async () => {
  const { server, store, outbox, clock } = await phone();
  server.fault = FAULTS.down;
  for (let seed = 0; seed < 3; seed++) await outbox.addReport({ ...REPORT, description: String(seed) }, [photo(seed)]);
  await outbox.wake();
  fill(store, ([verb]) => verb === "put");
  await clock.pass(10_000);
  assert.equal(server.reports.size, 0);
  const asked = server.log.length;
  await clock.pass(60_000);
  assert.ok(server.log.length - asked < 30, "it does not ask without end");
  server.fault = null;
  await clock.pass(300_000);
  assert.deepEqual([server.reports.size, await outbox.list(), await store.all("files")], [3, [], []]);
  assert.deepEqual(server.wrong, []);
});
