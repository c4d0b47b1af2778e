import assert from "node:assert/strict";
import { test } from "node:test";

import { letters } from "../../static/grid/phone/records.js";
import { calm, FAULTS, json, never, phone, photo, REPORT, refusal } from "./harness.mjs";

const EVENT = "0193f0c2-5d1e-7a64-9b1f-2f6f7d0c8a11";
const MINUTE = 60_000;

const states = async (outbox) => (await outbox.list()).map((row) => [row.kind, row.state]);

// What goes in, and in which order ------------------------------------------------------------------------

test("a report leaves, then its files in pieces, then what was done with it, and nothing stays", async () => {
  const { outbox, server, store } = await phone();
  const id = await outbox.addReport(REPORT, [photo(1, 600_000), photo(2)], { title: "Goods" });
  await outbox.addMove({ event: id, verb: "supplement", data: { note: "!" }, version: 1, files: [photo(3, 900, "after_photo")] });
  await outbox.addMove({ event: id, verb: "comment", data: { text: "Later" } });
  await outbox.wake();
  assert.deepEqual(
    server.log.map((line) => line.replace(/[0-9a-f]{64}|[0-9a-f-]{36}/g, "…")),
    [
      "POST events/",
      "PUT events/…/evidence/before_photo/…/?offset=0",
      "PUT events/…/evidence/before_photo/…/?offset=262144",
      "PUT events/…/evidence/before_photo/…/?offset=524288",
      "PUT events/…/evidence/before_photo/…/?offset=0",
      "PUT events/…/evidence/after_photo/…/?offset=0",
      "POST events/…/moves/",
      "POST events/…/moves/",
    ],
  );
  assert.deepEqual(server.moves.map(({ verb }) => verb), ["supplement", "comment"]);
  assert.match(server.moves[0].data.evidence[0], /^evidence-/);
  assert.equal(server.missing(id), 0);
  assert.deepEqual([await outbox.list(), await store.all("files"), await outbox.waiting()], [[], [], 0]);
  const [report] = (await outbox.sent()).filter((entry) => entry.kind === "report");
  assert.deepEqual(
    [report.id, report.title, report.number, report.url, report.item_name, report.photos, report.photos_missing],
    [id, "Goods", "33010420261", `/events/${id}/`, "Goods", 2, 0],
  );
  assert.deepEqual(server.wrong, []);
});

test("small things leave first: a report made later does not wait for the film of an earlier one", async () => {
  const { outbox, server } = await phone();
  const first = await outbox.addReport(REPORT, [photo(1, 600_000, "video")]);
  server.script = [null, async (handle) => (await outbox.addReport({ ...REPORT, description: "Later" })) && handle()];
  await outbox.wake();
  assert.deepEqual(server.log.map((line) => line.split(" ")[0]), ["POST", "PUT", "POST", "PUT", "PUT"]);
  assert.equal(server.missing(first), 0);
});

test("a report's moment is that of its making, whenever it is sent, and each try says when it is", async () => {
  const said = [];
  const { outbox, clock } = await phone({ send: async ({ json: sent }) => said.push(sent.sent_at) && { kind: "offline" } });
  await outbox.addReport(REPORT);
  await clock.pass(10_000);
  assert.ok(new Set(said).size >= 2);
  assert.equal((await outbox.list())[0].body.occurred_at, "2026-03-04T01:00:00.000Z");
  assert.equal((await outbox.list())[0].body.sent_at, undefined);
});

test("the same bytes twice are one file, and a record keeps the mode it was made in", async () => {
  const { outbox, server } = await phone();
  server.fault = () => FAULTS.cutBefore;
  outbox.training = true;
  const id = await outbox.addReport(REPORT, [photo(1), photo(1)]);
  outbox.training = false;
  await outbox.addComplaint({ text: "Dark" });
  await calm();
  const rows = await outbox.list();
  assert.deepEqual(rows.filter((row) => row.event === id).map((row) => [row.kind, row.training]).sort(), [["file", true], ["report", true]]);
  assert.deepEqual(rows.filter((row) => row.kind === "complaint").map((row) => row.training), [false]);
  assert.equal(rows.find((row) => row.kind === "report").body.photos.length, 1);
});

test("a complaint goes by itself", async () => {
  const { outbox, server } = await phone();
  const id = await outbox.addComplaint({ text: "The lamp is dark" }, { title: "Lamp" });
  await outbox.wake();
  assert.deepEqual([...server.complaints], [[id, "The lamp is dark"]]);
  assert.deepEqual((await outbox.sent()).map(({ kind, title }) => [kind, title]), [["complaint", "Lamp"]]);
});

test("a move of an event the server knows needs no report; without files it may bring evidence it has", async () => {
  const { outbox, server } = await phone();
  server.known.add(EVENT);
  await outbox.addMove({ event: EVENT, verb: "feed_back", data: { result: "Done" }, version: 3, files: [photo(1, 50, "after_photo")] });
  await outbox.wake();
  assert.deepEqual(server.moves.map((move) => [move.event, move.verb, move.data.evidence.length]), [[EVENT, "feed_back", 1]]);
  assert.deepEqual(server.wrong, []);
});

test("of what was sent the last hundred stay", async () => {
  const { outbox, clock } = await phone({ memory: true });
  for (let at = 0; at < 105; at++) {
    await outbox.addReport({ ...REPORT, description: String(at) });
    await outbox.wake();
    await clock.pass(1000);
  }
  const sent = await outbox.sent();
  assert.deepEqual([sent.length, sent[0].number], [100, "3301042026105"]);
});

// Answers for every failure -------------------------------------------------------------------------------

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`${name}: tried again by itself, and there once`, async () => {
    const { outbox, server, clock } = await phone();
    server.script = [fault, null, fault, null, fault];
    const id = await outbox.addReport(REPORT, [photo(1, 300_000)]);
    await outbox.addMove({ event: id, verb: "comment", data: {} });
    await outbox.wake();
    await clock.pass(MINUTE);
    assert.deepEqual([await outbox.list(), server.reports.size, server.missing(id), server.moves.length], [[], 1, 0, 1]);
    assert.deepEqual(server.wrong, []);
  });
}

test("no network: the pauses grow from two seconds to five minutes", async () => {
  const { outbox, server, clock } = await phone();
  const asked = [];
  server.fault = () => asked.push(clock.elapsed) && FAULTS.cutBefore;
  await outbox.addReport(REPORT);
  await clock.pass(30 * MINUTE);
  const pauses = asked.slice(1).map((at, index) => at - asked[index]);
  assert.deepEqual(pauses.slice(0, 4), [1500, 3000, 6000, 12_000]);
  assert.equal(Math.max(...pauses), 225_000);
  assert.equal(outbox.trouble, "offline");
  server.fault = null;
  await clock.pass(5 * MINUTE);
  assert.deepEqual([server.reports.size, outbox.trouble], [1, null]);
});

test("no network: a long queue is not tried to its end again and again", async () => {
  const { outbox, server } = await phone();
  server.fault = () => FAULTS.cutBefore;
  for (let at = 0; at < 20; at++) await outbox.addReport({ ...REPORT, description: String(at) });
  await calm();
  assert.ok(server.log.length <= 6, `${server.log.length} requests`);
});

test("one that always breaks the line does not hold up the others", async () => {
  const send = async ({ json: sent }) =>
    sent.description === "Poison" ? { kind: "offline" } : { kind: "ok", body: { id: sent.id } };
  const { outbox, clock } = await phone({ send });
  const poison = await outbox.addReport({ ...REPORT, description: "Poison" });
  for (let at = 0; at < 10; at++) await outbox.addReport({ ...REPORT, description: String(at) });
  await outbox.wake();
  await clock.pass(10_000);
  assert.deepEqual((await outbox.list()).map((row) => row.id), [poison]);
});

test("429: the whole queue waits the server's seconds, also when it is woken", async () => {
  const { outbox, server, clock } = await phone();
  server.script = [() => json({ code: "too_many_requests" }, 429, { "Retry-After": "40" })];
  await outbox.addReport(REPORT);
  await outbox.addComplaint({ text: "Dark" });
  await outbox.wake();
  assert.deepEqual([server.log.length, outbox.trouble], [1, "busy"]);
  await outbox.wake();
  await clock.pass(39_000);
  await outbox.wake();
  assert.equal(server.log.length, 1);
  await clock.pass(10_000);
  assert.deepEqual([server.log.length, await outbox.list()], [3, []]);
  assert.deepEqual((await outbox.sent()).length, 2);
});

for (const [name, answer, kind] of [
  ["the log-in has ended", () => refusal(401, "not_logged_in"), "log_in"],
  ["the token is out of date", () => refusal(403, "csrf_expired"), "log_in"],
  ["somebody else logged in", () => refusal(409, "other_person"), "other_person"],
]) {
  test(`${name}: nothing more is sent until the worker is back, and nothing is lost`, async () => {
    const { outbox, server, clock } = await phone();
    server.script = [answer];
    const id = await outbox.addReport(REPORT, [photo(1)]);
    await outbox.addReport({ ...REPORT, description: "Another" });
    await calm();
    await clock.pass(10 * MINUTE);
    assert.deepEqual([outbox.paused, server.log.length], [kind, 1]);
    assert.deepEqual((await states(outbox)).map(([, state]) => state), ["waiting", "waiting", "waiting"]);
    await outbox.wake();
    assert.deepEqual([outbox.paused, server.reports.size, server.missing(id)], [null, 2, 0]);
    assert.deepEqual(await outbox.list(), []);
  });
}

test("400: it stops with the reason, and holds up no other event", async () => {
  const { outbox, server, clock, store } = await phone();
  const fields = { item: [{ code: "retired_item", message: "Choose another item." }] };
  server.script = [() => refusal(400, "invalid_input", { fields })];
  const id = await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  await outbox.addReport({ ...REPORT, description: "Fine" });
  await outbox.wake();
  await clock.pass(30 * MINUTE);
  assert.deepEqual((await states(outbox)).sort(), [["file", "waiting"], ["report", "stopped"]]);
  const { problem } = await store.get("outbox", id);
  assert.deepEqual(problem, { kind: "refused", code: "invalid_input", message: "invalid_input.", fields });
  assert.equal(server.reports.size, 1);
  assert.equal(server.log.length, 2);
  await outbox.retry(id);
  assert.deepEqual([server.reports.size, server.missing(id), await outbox.list()], [2, 0, []]);
});

test("training has begun: what is real waits until it is over", async () => {
  const { outbox, server, clock } = await phone();
  server.fault = () => () => refusal(409, "training_changed");
  await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  await clock.pass(240 * MINUTE);
  assert.deepEqual([outbox.trouble, (await states(outbox)).map(([, state]) => state)], ["training", ["waiting", "waiting"]]);
  server.fault = null;
  await clock.pass(5 * MINUTE);
  assert.deepEqual([server.reports.size, await outbox.list()], [1, []]);
});

test("training is over: what was practice stops, and never becomes real", async () => {
  const { outbox, server } = await phone();
  outbox.training = true;
  server.fault = () => () => refusal(409, "training_changed");
  await outbox.addReport(REPORT);
  await outbox.wake();
  assert.deepEqual(await states(outbox), [["report", "stopped"]]);
});

test("409 different_content: it stops, and goes with its files under a new id when the worker says so", async () => {
  const { outbox, server } = await phone();
  server.reports.set(EVENT, JSON.stringify({ id: EVENT, other: true }));
  assert.equal(await outbox.addReport({ ...REPORT, id: EVENT }, [photo(1)]), EVENT);
  await outbox.addMove({ event: EVENT, verb: "comment", data: {} });
  await outbox.wake();
  const [stopped] = (await outbox.list()).filter((row) => row.kind === "report");
  assert.deepEqual([stopped.state, stopped.problem.code], ["stopped", "different_content"]);
  const fresh = await outbox.renew(EVENT);
  assert.notEqual(fresh, EVENT);
  await outbox.wake();
  assert.deepEqual([await outbox.list(), server.missing(fresh), server.moves[0].event], [[], 0, fresh]);
  assert.deepEqual(server.wrong, []);
  assert.equal(await outbox.renew(EVENT), null);
});

test("409 stale_version: the move stops and comes back as a draft; what it brought is at the server", async () => {
  const { outbox, server, store } = await phone();
  server.known.add(EVENT);
  server.script = [null, () => refusal(409, "stale_version")];
  const id = await outbox.addMove({ event: EVENT, verb: "feed_back", data: { result: "Done" }, version: 3, files: [photo(1)] });
  await outbox.wake();
  assert.equal((await store.get("outbox", id)).problem.code, "stale_version");
  const key = await outbox.reopen(id);
  const draft = await store.get("drafts", key);
  assert.deepEqual([draft.kind, draft.event, draft.body.data.result, draft.body.data.evidence.length], ["move", EVENT, "Done", 1]);
  await outbox.addMove({ event: EVENT, verb: "feed_back", data: draft.body.data, version: 4 }, { draft: key });
  await outbox.wake();
  assert.deepEqual([server.moves.length, server.moves[0].data.evidence.length, await store.all("drafts")], [1, 1, []]);
});

test("409 request_taken: the move goes under a new id, and what waits for it goes on waiting", async () => {
  const { outbox, server } = await phone();
  server.known.add(EVENT);
  server.script = [() => refusal(409, "request_taken")];
  const id = await outbox.addMove({ event: EVENT, verb: "sign", data: {} });
  await outbox.addMove({ event: EVENT, verb: "feed_back", data: {} });
  await outbox.wake();
  assert.equal(server.moves.length, 0);
  await outbox.renew(id);
  await outbox.wake();
  assert.deepEqual(server.moves.map((move) => move.verb), ["sign", "feed_back"]);
  assert.ok(!server.moves.some((move) => move.request_id === id));
});

test("413: only that file stops and says so; the report stays sent and the other file goes", async () => {
  const { outbox, server } = await phone();
  const big = photo(1, 500, "video");
  server.fault = (method, path) => (path.includes(big.sha256) ? () => new Response("<h1>413</h1>", { status: 413 }) : null);
  const id = await outbox.addReport(REPORT, [big, photo(2)]);
  await outbox.wake();
  const left = await outbox.list();
  assert.deepEqual(left.map((row) => [row.kind, row.state, row.problem.kind, row.body.sha256]), [["file", "stopped", "too_big", big.sha256]]);
  const [sent] = await outbox.sent();
  assert.deepEqual([sent.id, sent.photos, sent.photos_missing], [id, 2, 1]);
  await outbox.remove(left[0].id);
  assert.deepEqual(await outbox.list(), []);
});

test("413 for a file of a move: it is a letter of its own, and without it the move goes", async () => {
  const { outbox, server } = await phone();
  server.known.add(EVENT);
  server.script = [() => refusal(413, "")];
  await outbox.addMove({ event: EVENT, verb: "verify", data: { note: "Done" }, files: [photo(1)] });
  assert.equal(await outbox.waiting(), 1);
  await outbox.wake();
  const [file] = letters(await outbox.list()).filter(({ kind }) => kind === "file");
  assert.deepEqual([file.state, file.problem.kind, server.moves.length], ["stopped", "too_big", 0]);
  await outbox.remove(file.id);
  await outbox.wake();
  assert.deepEqual([server.moves.map(({ verb }) => verb), await outbox.list()], [["verify"], []]);
});

test("404 for a file of a report the server had taken: it stops, and says so", async () => {
  const { outbox, server } = await phone();
  server.script = [null, () => refusal(404, "not_found")];
  await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  const [left] = await outbox.list();
  assert.deepEqual([left.state, left.problem.code], ["stopped", "not_found"]);
});

test("wrong_offset: it goes on where the server is", async () => {
  const { outbox, server, clock } = await phone();
  const film = photo(1, 600_000);
  server.script = [null, null, () => refusal(409, "wrong_offset", { received_bytes: 0 }), null];
  const id = await outbox.addReport(REPORT, [film]);
  server.files.set(`${id} before_photo ${film.sha256}`, { bytes: Buffer.from((await film.blob.arrayBuffer()).slice(0, 1000)), done: false });
  await outbox.wake();
  await clock.pass(MINUTE);
  assert.deepEqual([server.missing(id), await outbox.list()], [0, []]);
  assert.match(server.log.join(), /offset=1000/);
});

test("wrong_offset without end is a failing server, not a loop", async () => {
  const { outbox, server, clock } = await phone();
  let at = 0;
  server.fault = (method) => (method === "PUT" ? () => refusal(409, "wrong_offset", { received_bytes: (at = 100 - at) }) : null);
  await outbox.addReport(REPORT, [photo(1)]);
  await clock.pass(MINUTE);
  assert.ok(server.log.length < 20, `${server.log.length} requests`);
});

test("after a cut the server is asked how far the file came, and the pieces get smaller", async () => {
  const { outbox, server, clock } = await phone();
  server.script = [null, null, FAULTS.cutAfter];
  const id = await outbox.addReport(REPORT, [photo(1, 900_000)]);
  await outbox.wake();
  await clock.pass(MINUTE);
  const asked = server.log.filter((line) => line.includes("evidence")).map((line) => line.replace(/events.*\//, ""));
  assert.deepEqual(asked, ["PUT ?offset=0", "PUT ?offset=262144", "GET ", "PUT ?offset=524288", "PUT ?offset=655360"]);
  assert.equal(server.missing(id), 0);
});

test("all bytes are there and only the end was lost: an empty piece brings it", async () => {
  const { outbox, server, clock } = await phone();
  const film = photo(1);
  server.script = [null, FAULTS.cutBefore];
  const id = await outbox.addReport(REPORT, [film]);
  await outbox.wake();
  server.files.set(`${id} before_photo ${film.sha256}`, { bytes: Buffer.from(await film.blob.arrayBuffer()), done: false });
  await clock.pass(MINUTE);
  assert.match(server.log[server.log.length - 1], /^PUT .*offset=3000$/);
  assert.deepEqual([server.missing(id), await outbox.list()], [0, []]);
});

test("an event that left sight: its file is done all the same", async () => {
  const { outbox, server } = await phone();
  server.script = [null, async (handle) => json({ ...(await (await handle()).json()), photos_missing: null })];
  await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  assert.deepEqual([await outbox.list(), (await outbox.sent())[0].photos_missing], [[], 0]);
});

test("a server that takes pieces and gets no further is given its pauses", async () => {
  const { outbox, server, clock } = await phone();
  const film = photo(1);
  const still = { sha256: film.sha256, size: 3000, received_bytes: 0, received: false, id: null, photos_missing: 1 };
  server.fault = (method) => (method === "POST" ? null : () => json(still));
  await outbox.addReport(REPORT, [film]);
  await clock.pass(MINUTE);
  assert.ok(server.log.length < 20, `${server.log.length} requests`);
});

test("hash_mismatch: sent anew from its beginning, and only then the worker is asked", async () => {
  const { outbox, server, clock } = await phone();
  const broken = () => refusal(400, "hash_mismatch");
  server.script = [null, broken];
  const id = await outbox.addReport(REPORT, [photo(1)]);
  await clock.pass(MINUTE);
  assert.equal(server.missing(id), 0);
  server.fault = (method) => (method === "PUT" ? broken : null);
  await outbox.addReport({ ...REPORT, description: "2" }, [photo(2)]);
  await clock.pass(10 * MINUTE);
  const [left] = await outbox.list();
  assert.deepEqual([left.state, left.problem.code], ["stopped", "hash_mismatch"]);
});

test("a file the phone itself has lost stops, and is not asked for again", async () => {
  const { outbox, server, store } = await phone();
  server.script = [FAULTS.cutBefore];
  await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  for (const { id } of await store.all("files")) await store.delete("files", id);
  for (const row of await outbox.list()) await outbox.retry(row.id);
  const [left] = await outbox.list();
  assert.deepEqual([left.state, left.problem.kind], ["stopped", "unreadable"]);
});

// The worker's hand -----------------------------------------------------------------------------------------

test("removed: a report takes its files and moves along, a move its files, a file only itself", async () => {
  const { outbox, server, store } = await phone();
  server.fault = () => FAULTS.cutBefore;
  const id = await outbox.addReport(REPORT, [photo(1)]);
  await outbox.addMove({ event: id, verb: "comment", data: {}, files: [photo(2)] });
  server.known.add(EVENT);
  const move = await outbox.addMove({ event: EVENT, verb: "feed_back", data: {}, files: [photo(3), photo(4)] });
  const complaint = await outbox.addComplaint({ text: "Dark" });
  await outbox.remove(id);
  assert.equal((await store.all("files")).length, 2);
  const [file] = (await store.get("outbox", move)).files;
  await outbox.remove(file);
  assert.equal((await store.get("outbox", move)).files.length, 1);
  await outbox.remove(complaint);
  await outbox.remove("nobody's");
  assert.deepEqual([await outbox.waiting(), (await outbox.list()).length], [1, 2]); // A move with its file is one letter.
  await outbox.remove(move);
  assert.deepEqual([await outbox.waiting(), await store.all("files")], [0, []]);
});

test("only what stopped is renewed or reopened: the rest may be at the server already", async () => {
  const { outbox, server } = await phone();
  server.script = [FAULTS.cutAfter];
  const id = await outbox.addReport(REPORT);
  await calm();
  assert.deepEqual([await outbox.reopen(id), await outbox.renew(id)], [null, null]);
  assert.deepEqual(await states(outbox), [["report", "waiting"]]);
});

test("pressed again when it has long arrived: not sent again", async () => {
  const { outbox, server, clock } = await phone();
  const send = () => outbox.addReport({ ...REPORT, id: EVENT });
  await send();
  await outbox.wake();
  await clock.pass(MINUTE);
  await send();
  await outbox.wake();
  assert.deepEqual([server.log.length, await outbox.list()], [1, []]);
});

test("taken away in the moment before it is sent: not sent", async () => {
  const { outbox, server, store } = await phone();
  const all = store.all.bind(store);
  store.all = async (place) => {
    const rows = await all(place);
    await store.delete("outbox", EVENT);
    return rows;
  };
  await outbox.addReport({ ...REPORT, id: EVENT });
  await outbox.wake();
  assert.deepEqual(server.log, []);
});

test("taken away while it is on its way: nothing comes back to life", async () => {
  const { outbox, server, clock } = await phone();
  server.script = [async () => (await outbox.remove(id)) ?? FAULTS.cutBefore()];
  const id = await outbox.addReport(REPORT, [photo(1)]);
  await clock.pass(MINUTE);
  assert.deepEqual([await outbox.list(), server.log.length], [[], 1]);
});

// Clocks ------------------------------------------------------------------------------------------------------

for (const [name, jump] of [
  ["ten hours back", -600 * MINUTE],
  ["four minutes back", -4 * MINUTE],
  ["ten hours on", 600 * MINUTE],
]) {
  test(`the phone's clock is put ${name}: no pause gets longer than the longest`, async () => {
    const { outbox, server, clock, open } = await phone();
    const asked = [];
    server.fault = () => asked.push(clock.elapsed) && FAULTS.cutBefore;
    await outbox.addReport(REPORT);
    await clock.pass(20 * MINUTE);
    clock.off = jump;
    await clock.pass(20 * MINUTE);
    const pauses = asked.slice(1).map((at, index) => at - asked[index]);
    assert.ok(Math.max(...pauses) <= 5 * MINUTE, `${Math.max(...pauses)}`);
    outbox.close();
    clock.off = 0;
    const last = asked.length;
    const { outbox: after } = open();
    after.wake();
    await clock.pass(5 * MINUTE + 1000);
    assert.ok(asked.length > last, "after a new start too");
  });
}

// Tabs, and the end of them -----------------------------------------------------------------------------------

for (const lease of [false, true]) {
  test(`two tabs (${lease ? "lease" : "locks"}): one sends, both see it`, async () => {
    const changes = [];
    const { outbox, server, open, clock } = await phone({ lease, changes });
    const { outbox: other } = open();
    let most = 0;
    let now = 0;
    server.fault = () => async (handle) => {
      most = Math.max(most, ++now);
      await calm(3);
      now -= 1;
      return handle();
    };
    for (let at = 0; at < 5; at++) await (at % 2 ? outbox : other).addReport({ ...REPORT, description: String(at) }, [photo(at)]);
    await Promise.all([outbox.wake(), other.wake()]);
    await clock.pass(MINUTE);
    assert.deepEqual([most, server.reports.size, server.log.length, await other.list()], [1, 5, 10, []]);
    assert.ok(changes.length > 20);
  });

  test(`a tab dies while it sends (${lease ? "lease" : "locks"}): another goes on`, async () => {
    const { outbox, tab, server, open, clock, store } = await phone({ lease });
    server.script = [() => tab.kill() ?? never()];
    const id = await outbox.addReport(REPORT, [photo(1)]);
    await calm();
    assert.equal((await store.get("outbox", id)).state, "sending");
    const { outbox: other } = open();
    await other.wake();
    await clock.pass(20_000);
    assert.deepEqual([server.reports.size, server.missing(id), await other.list()], [1, 0, []]);
  });
}

test("a lease keeps us waiting until it ends, and not at all when another clock made it", async () => {
  const { outbox, server, clock, store } = await phone({ lease: true });
  await store.put("cache", { id: "lease", owner: "another", until: clock.now() + 10_000 });
  await outbox.addReport(REPORT);
  await clock.pass(8000);
  assert.equal(server.reports.size, 0);
  await clock.pass(4000);
  assert.equal(server.reports.size, 1);
  await store.put("cache", { id: "lease", owner: "another", until: clock.now() + 600 * MINUTE });
  await outbox.addReport({ ...REPORT, description: "2" });
  await outbox.wake();
  assert.equal(server.reports.size, 2);
});

test("found as 'sending' at the start, it is waiting again", async () => {
  const { outbox, server, open, store } = await phone();
  server.script = [() => refusal(400, "invalid_input")];
  await outbox.addReport(REPORT, [photo(1)]);
  await outbox.wake();
  outbox.close();
  const [file] = (await store.all("outbox")).filter((row) => row.kind === "file");
  await store.put("outbox", { ...file, state: "sending" });
  await open().outbox.wake();
  assert.equal((await store.get("outbox", file.id)).state, "waiting");
});

test("killed between the acknowledgement and its noting: sent again, there once", async () => {
  const { outbox, tab, server, open, store } = await phone();
  const change = store.change.bind(store);
  store.change = (reads, decide) => (reads.some((read) => String(read) === "sent") ? (tab.kill(), never()) : change(reads, decide));
  await outbox.addReport(REPORT);
  await calm();
  assert.deepEqual([server.reports.size, await outbox.waiting()], [1, 1]);
  store.change = change;
  const { outbox: after } = open();
  await after.wake();
  assert.deepEqual([server.reports.size, server.log.length, await after.list()], [1, 2, []]);
});

test("a closed outbox sends nothing more", async () => {
  const { outbox, server, clock } = await phone();
  server.fault = () => FAULTS.cutBefore;
  await outbox.addReport(REPORT);
  await outbox.wake();
  outbox.close();
  const asked = server.log.length;
  await clock.pass(20 * MINUTE);
  await outbox.wake();
  assert.equal(server.log.length, asked);
});

test("the network and the worker come back: at once, without waiting for the pause", async () => {
  const { outbox, server, clock } = await phone();
  const heard = new EventTarget();
  const kept = [globalThis.addEventListener, globalThis.document];
  globalThis.addEventListener = heard.addEventListener.bind(heard);
  globalThis.document = Object.assign(heard, { visibilityState: "visible" });
  try {
    server.fault = () => FAULTS.cutBefore;
    for (let at = 0; at < 5; at++) await outbox.addReport({ ...REPORT, description: String(at) });
    await outbox.start();
    await clock.pass(20 * MINUTE);
    server.fault = null;
    heard.visibilityState = "hidden";
    heard.dispatchEvent(new Event("visibilitychange"));
    await calm();
    assert.equal(server.reports.size, 0);
    heard.visibilityState = "visible";
    heard.dispatchEvent(new Event("online"));
    await calm(300);
    assert.equal(server.reports.size, 5);
  } finally {
    [globalThis.addEventListener, globalThis.document] = kept;
  }
});
