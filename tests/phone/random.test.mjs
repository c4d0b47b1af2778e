/**
 * The outbox among kills and a bad network: whatever happens in between, at the end every report, file and move is at
 * the server exactly once, in order within its event, and nothing is left on the phone. RUNS and SEED by environment.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft } from "../../static/grid/phone/draft.js";
import { calm, FAULTS, never, phone, photo, refusal, REPORT, seeded } from "./harness.mjs";

const RUNS = Number(process.env.RUNS || 300);
const SEED = Number(process.env.SEED || 1);

/** What is awaited may be the last thing the tab does: before it happened, or after. */
function mortal(target, tab, isFatal) {
  const last = async () => {
    if (tab.dead || isFatal()) {
      tab.kill();
      await never();
    }
  };
  const through = (work) => async (...told) => {
    await last();
    const found = await work(...told);
    await last();
    return found;
  };
  if (typeof target === "function") return through(target);
  return new Proxy(target, {
    get(store, name) {
      const value = store[name];
      if (typeof value !== "function") return value;
      return ["change", "get", "all", "file"].includes(name) ? through(value.bind(store)) : value.bind(store);
    },
  });
}

async function run(seed) {
  const random = seeded(seed);
  const chance = (share) => random() < share;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const there = await phone({ memory: chance(0.5), lease: chance(0.3), random });
  const { server, clock, store } = there;
  there.outbox.close();

  let calmNow = false;
  const late = [];
  const faults = [
    ...Object.values(FAULTS),
    (handle) => late.push(handle) && FAULTS.cutBefore(),
    () => refusal(401, "not_logged_in"),
    () => refusal(409, "other_person"),
    async (handle) => (await calm(5)) ?? handle(),
  ];
  server.fault = () => (!calmNow && chance(0.45) ? pick(faults) : null);

  const tabs = [];
  const start = () => {
    const { outbox, tab } = there.open((tab) => mortal(store, tab, () => !calmNow && chance(0.015)));
    outbox.wake().catch(() => {});
    tabs.push({ outbox, tab });
  };
  start();

  /** What the worker sees as done stays done; what was cut short is found as a draft, and sent again from there. */
  const made = [];
  async function compose(key, fill, hand) {
    for (;;) {
      const live = tabs.find(({ tab }) => !tab.dead) ?? (start(), tabs[tabs.length - 1]);
      const begun = made.find((row) => row.key === key);
      const draft = await Draft.open(store, key);
      if (begun && draft.isEmpty) return begun;
      if (!begun) {
        await fill(draft);
        made.push({ key, id: draft.id, files: draft.files.map((file) => file.sha256) });
      }
      let over = false;
      hand(live.outbox, draft).then(() => (over = true));
      for (let turn = 0; turn < 40 && !over; turn++) await calm(5);
    }
  }

  let count = 0;
  const reports = [];
  for (let turn = 0; turn < 14; turn++) {
    count += 1;
    const what = random();
    if (what < 0.35 || !reports.length) {
      const report = await compose(
        `report ${count}`,
        async (draft) => {
          await draft.set({ description: `Report ${count}` });
          for (let at = 0; at < Math.floor(random() * 3); at++) await draft.add(photo(seed * 100 + count * 3 + at, pick([40, 3000, 300_000])));
        },
        (outbox, draft) => outbox.addReport({ ...REPORT, ...draft.fields, id: draft.id }, draft.files, { draft: draft.key }),
      );
      reports.push({ ...report, moves: [] });
    } else if (what < 0.55) {
      const report = pick(reports);
      const move = await compose(
        `move ${count}`,
        async (draft) => {
          await draft.set({ note: `Move ${count}` });
          if (chance(0.5)) await draft.add(photo(seed * 100 + count * 3 + 2, 500, "after_photo"));
        },
        (outbox, draft) =>
          outbox.addMove({ id: draft.id, event: report.id, verb: "supplement", data: draft.fields, files: draft.files }, { draft: draft.key }),
      );
      report.moves.push(move);
    } else if (what < 0.65) {
      start();
    } else if (what < 0.75) {
      pick(tabs).tab.kill();
    } else {
      await clock.pass(pick([100, 3000, 60_000, 400_000]));
    }
    if (chance(0.1)) clock.off = pick([-36_000_000, -60_000, 0, 7_200_000]);
    if (late.length && chance(0.5)) late.shift()();
    for (const { outbox, tab } of tabs) if (!tab.dead && chance(0.3)) outbox.wake().catch(() => {});
  }

  calmNow = true;
  if (tabs.every(({ tab }) => tab.dead)) start();
  for (const handle of late) handle();
  for (let turn = 0; turn < 20 && (await store.all("outbox")).length; turn++) {
    for (const { outbox, tab } of tabs) if (!tab.dead) outbox.wake().catch(() => {});
    await clock.pass(60_000);
  }

  assert.deepEqual([await store.all("outbox"), await store.all("files"), await store.all("drafts")], [[], [], []]);
  assert.deepEqual([...server.reports.keys()].sort(), reports.map((report) => report.id).sort());
  for (const report of reports) {
    assert.equal(server.missing(report.id), 0);
    const moves = server.moves.filter((move) => move.event === report.id);
    assert.deepEqual(moves.map((move) => move.request_id), report.moves.map((move) => move.id));
    assert.deepEqual(moves.map((move) => (move.data.evidence ?? []).length), report.moves.map((move) => move.files.length));
  }
  assert.deepEqual(server.wrong, []);
  for (const { outbox } of tabs) outbox.close();
}

test(`${RUNS} runs among kills and a bad network: everything is there once`, async () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    try {
      await run(seed);
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
});
