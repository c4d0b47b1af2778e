import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft } from "../../static/grid/phone/draft.js";
import { StoreFullError } from "../../static/grid/phone/store.js";
import { phone, photo, REPORT, refusal } from "./harness.mjs";

test("what was typed and photographed is there after a kill, under the same id", async () => {
  const { store } = await phone();
  const draft = await Draft.open(store);
  assert.equal(draft.isEmpty, true);
  await draft.set({ description: "Half" });
  await draft.set({ item: "30202" });
  await draft.add(photo(1));
  const again = await Draft.open(store);
  assert.deepEqual([again.id, again.fields, again.isEmpty], [draft.id, { description: "Half", item: "30202" }, false]);
  assert.deepEqual(again.files.map((file) => [file.kind, file.name, file.size]), [["before_photo", "1.jpg", 3000]]);
  assert.deepEqual(await again.files[0].blob.arrayBuffer(), await photo(1).blob.arrayBuffer());
});

test("the same picture twice is one; one taken away leaves the device", async () => {
  const { store } = await phone();
  const draft = await Draft.open(store);
  const first = await draft.add(photo(1));
  assert.equal(await draft.add(photo(1)), first);
  await draft.add(photo(2));
  await draft.remove(first.id);
  assert.equal((await store.all("files")).length, 1);
  await draft.clear();
  assert.deepEqual([await store.all("files"), await store.all("drafts")], [[], []]);
  assert.notEqual(draft.id, first.id);
});

test("the draft leaves in the moment the outbox takes it, and pressing twice sends once", async () => {
  const { store, outbox, server } = await phone();
  const draft = await Draft.open(store);
  await draft.set({ description: "Typed" });
  await draft.add(photo(1));
  const send = () => outbox.addReport({ ...REPORT, id: draft.id }, draft.files, { draft });
  assert.deepEqual(await Promise.all([send(), send()]), [draft.id, draft.id]);
  await outbox.wake();
  assert.deepEqual([await store.all("drafts"), await store.all("files"), await outbox.list()], [[], [], []]);
  assert.deepEqual([server.reports.size, server.missing(draft.id)], [1, 0]);
});

test("what is typed in the moment of sending does not bring the draft back; a full device does", async () => {
  const { store, outbox } = await phone();
  const draft = await Draft.open(store);
  await draft.set({ description: "Typed" });
  const change = store.change;
  store.change = () => Promise.reject(new StoreFullError("quota"));
  await assert.rejects(outbox.addReport({ ...REPORT, id: draft.id }, [], { draft }), StoreFullError);
  store.change = change;
  await draft.set({ description: "Typed on" });
  assert.equal((await Draft.open(store)).fields.description, "Typed on");
  const sending = outbox.addReport({ ...REPORT, id: draft.id }, [], { draft });
  await draft.set({ description: "Too late" });
  await sending;
  await draft.set({ description: "Later still" });
  assert.deepEqual(await store.all("drafts"), []);
});

test("a draft's picture is written once, not again when it is sent", async () => {
  const { store, outbox, server } = await phone();
  const draft = await Draft.open(store);
  await draft.add(photo(1));
  const written = [];
  const change = store.change.bind(store);
  store.change = (reads, decide) => change(reads, (...found) => {
    const done = decide(...found);
    written.push(...done.filter(([verb, place]) => verb === "put" && place === "files"));
    return done;
  });
  await outbox.addReport({ ...REPORT, id: draft.id }, (await Draft.open(store)).files, { draft });
  await outbox.wake();
  assert.deepEqual([written, server.missing(draft.id), await store.all("files")], [[], 0, []]);
});

test("a refused report comes back as a draft with its files and its fields, is corrected and sent", async () => {
  const { store, outbox, server } = await phone();
  const draft = await Draft.open(store);
  await draft.set({ what: "shown on the screen" });
  await draft.add(photo(1));
  await draft.add(photo(2));
  const fields = { item: [{ code: "retired_item", message: "Choose another." }] };
  server.script = [() => refusal(400, "invalid_input", { fields })];
  const id = await outbox.addReport({ ...REPORT, id: draft.id }, draft.files, { draft: draft.key, title: "Goods" });
  await outbox.wake();
  assert.deepEqual((await store.get("outbox", id)).problem.fields, fields);

  const key = await outbox.reopen(id);
  assert.equal(await outbox.reopen(id), null);
  assert.deepEqual([await outbox.list(), (await store.all("files")).length], [[], 2]);
  const again = await Draft.open(store, key);
  assert.deepEqual([again.id, again.fields, again.files.length], [id, { what: "shown on the screen" }, 2]);
  assert.deepEqual(again.about.problem.fields, fields);
  assert.deepEqual([again.about.kind, again.about.title, again.about.body.item], ["report", "Goods", "30202"]);
  await again.remove(again.files[0].id);
  await outbox.addReport({ ...again.about.body, id: again.id, item: "30203" }, again.files, { draft: key });
  await outbox.wake();
  assert.deepEqual([await store.all("drafts"), await store.all("files"), await outbox.list()], [[], [], []]);
  const stored = JSON.parse(server.reports.get(id));
  assert.deepEqual([stored.item, stored.photos.length, server.missing(id)], ["30203", 1, 0]);
});
