import assert from "node:assert/strict";
import { test } from "node:test";

import { propose } from "../../static/grid/phone/propose.js";

const ITEMS = [
  { code: "30603", name_zh: "井盖缺失破损", name_en: "Manhole cover missing or broken", keywords: ["井盖"] },
  { code: "30604", name_zh: "路灯照明故障", name_en: "Street-light failure", keywords: ["路灯", "不亮"] },
  { code: "10503", name_zh: "电动自行车违规停放充电", name_en: "E-bike illegally parked or charged", keywords: ["电动车"] },
  { code: "30204", name_zh: "非机动车及共享单车乱停放", name_en: "Bicycles parked in disorder", keywords: ["单车", "电动车"] },
  { code: "31006", name_zh: "楼道堆物", name_en: "Clutter in a stairwell", keywords: ["楼道", "堆放"] },
];
const HINTS = {
  30603: [["井盖没了", 20], ["窨井盖", 15], ["井盖", 10], ["manhole", 14], ["lid", 10]],
  30604: [["路灯不亮", 20], ["路灯", 10], ["灯", 3], ["lamp", 14]],
  10503: [["电动车充电", 20], ["楼道充电", 20], ["电动车", 9], ["充电", 8]],
  30204: [["电动车乱停", 20], ["共享单车", 20], ["电动车", 9]],
  31006: [["楼道堆", 15], ["楼道", 8], ["鞋柜", 10]],
};
const codes = (text, more = {}) => propose(text, { items: ITEMS, hints: HINTS, ...more }).map(({ item }) => item.code);

test("what is said names the item, with the words it is known by", () => {
  const [first] = propose("门口的井盖没了，很危险", { items: ITEMS, hints: HINTS });
  assert.deepEqual([first.item.code, first.because], ["30603", [{ kind: "word", word: "井盖没了" }]]);
  assert.deepEqual(codes("路灯不亮"), ["30604"]);
});

test("a character of the text counts once for an item: a long word is no three words", () => {
  const score = (text) => propose(text, { items: ITEMS, hints: HINTS }).find(({ item }) => item.code === "10503").score;
  const words = (text) => propose(text, { items: ITEMS, hints: HINTS })[0].because.map(({ word }) => word);
  assert.deepEqual(words("电动车充电"), ["电动车充电"]);
  assert.ok(score("电动车充电") < score("电动车充电，还在楼道充电"));
  assert.equal(score("电动车来了，又是电动车"), score("电动车来了，又是它们"));
});

test("what several items share is decided by the rest of the sentence", () => {
  assert.deepEqual(codes("电动车乱停一地")[0], "30204");
  assert.deepEqual(codes("电动车在楼道充电")[0], "10503");
});

test("said in another order it is still found", () => {
  assert.equal(codes("堆了很多东西，楼道里走不过去")[0], "31006");
  assert.equal(codes("灯照明不行")[0], "30604");
});

test("while one still types, a word may begin so", () => {
  assert.equal(codes("井")[0], "30603");
  assert.equal(codes("鞋")[0], "31006");
  assert.equal(codes("man")[0], "30603");
});

test("English words and codes are found, whole words and plurals", () => {
  assert.equal(codes("The manhole is open")[0], "30603");
  assert.equal(codes("Broken LAMPS in the street")[0], "30604");
  assert.deepEqual(codes("solid ground"), [], "'lid' is not a word of it");
  const [first] = propose("30604", { items: ITEMS, hints: HINTS });
  assert.deepEqual([first.item.code, first.because[0].kind], ["30604", "code"]);
});

test("before anything is typed: the named place, what was used lately, what is usual in the grid, then around it", () => {
  const usual = { 330104005001: ["31006", "30204"], 330104005001001: ["10503"] };
  const rows = propose("  ", { items: ITEMS, hints: HINTS, recents: ["30604"], usual, placeItems: ["30603"] });
  assert.deepEqual(rows.map(({ item, because }) => [item.code, because[0].kind]), [
    ["30603", "place"],
    ["30604", "recent"],
    ["10503", "usual"],
    ["31006", "usual"],
    ["30204", "usual"],
  ]);
  assert.deepEqual(codes("", { usual: ["30204", "99999"], recents: ["30204", "30204"] }), ["30204"]);
  assert.deepEqual(codes(""), []);
});

test("habits decide between equals and bring in nothing the words do not say", () => {
  assert.equal(codes("电动车", { recents: ["10503"] })[0], "10503");
  assert.equal(codes("电动车", { usual: { 330104005001001: ["30204"] } })[0], "30204");
  assert.equal(codes("井盖没了", { recents: ["10503"], placeItems: ["30604"] }).length, 1);
  assert.deepEqual(codes("zzz", { recents: ["10503"] }), []);
});

test("without hints the checklist's own keywords and names are enough to begin with", () => {
  assert.equal(propose("路灯坏了", { items: ITEMS })[0].item.code, "30604");
  assert.equal(propose("共享单车倒了", { items: ITEMS })[0].item.code, "30204");
});

test("it changes nothing it is given, tells the same twice, and takes new hints at once", () => {
  const frozen = Object.freeze(ITEMS.map(Object.freeze));
  const ask = (hints) => propose("新词", { items: frozen, hints }).map(({ item }) => item.code);
  assert.deepEqual([ask(HINTS), ask(HINTS)], [[], []]);
  assert.deepEqual(ask({ ...HINTS, 31006: [["新词", 9]] }), ["31006"]);
});

test("strange text is no error", () => {
  for (const text of ["\u0000", "🚲🚲", "'\"<&", "𠮷野家", "井".repeat(5000), " \n ", "a".repeat(5000), "—…"]) {
    assert.ok(Array.isArray(propose(text, { items: ITEMS, hints: HINTS })), text);
  }
});

test("a whole checklist answers a sentence in less than five milliseconds", () => {
  const sign = (number) => String.fromCharCode(0x4e00 + (number % 3000));
  const items = Array.from({ length: 173 }, (_, n) => ({ code: `${10000 + n}`, name_zh: sign(n * 7) + sign(n * 11) + sign(n * 13), name_en: "Some name" }));
  const hints = Object.fromEntries(items.map(({ code }, n) => [code, Array.from({ length: 40 }, (_, w) => [sign(n + w) + sign(n * w), 5])]));
  const text = Array.from({ length: 120 }, (_, n) => sign(n * 3)).join("");
  propose(text, { items, hints });
  const times = Array.from({ length: 50 }, () => {
    const begin = performance.now();
    propose(text, { items, hints });
    return performance.now() - begin;
  });
  assert.ok(times.sort((a, b) => a - b)[25] < 5, `${times[25]} ms`);
});
