/**
 * Which items of the checklist a report may be about, while it is being typed and without a network.
 *
 * A word counts when it stands in the text, by the weight the server gave it; a character that one of an item's words
 * has explained counts for no other word of that item. Pairs of characters find what is said in another order
 * ("楼道里堆了东西"). What the person reported lately, what is usual around here and at the named place decides between
 * equals, and proposes something before anything is typed.
 */

const LONGEST_TEXT = 400;
const LONGEST_WORD = 12;
const PAIR = 0.4; // of what a word of two characters counts
const TYPING = 4; // so short a text may be the beginning of a word
const PRIORS = { recent: 4, usual: 3, place: 4 };
const LATIN = /[a-z][a-z-]+/g;

const NO_HINTS = {};

const indexes = new WeakMap(); // of each checklist and its hints what is looked up, made once

/**
 * text        what is typed so far
 * items       the checklist, as /api/v1/items/ tells it
 * hints       {code: [[word, weight], …]}, the words of /api/v1/items/hints/
 * recents     codes of what the person reported, the latest first
 * usual       {area code: [codes, the most frequent first]}, or one such list
 * placeItems  codes of what is reported at the named place
 * most        how many at most
 * Returns [{item, score, because: [{kind: "word"|"code"|"recent"|"usual"|"place", word?}]}], the best first.
 */
export function propose(text, { items, hints = NO_HINTS, recents = [], usual = {}, placeItems = [], most = 8 }) {
  const index = indexOf(items, hints);
  const said = text.toLowerCase().slice(0, LONGEST_TEXT).trim();
  const found = new Map();
  const give = (at, points, because) => {
    const row = found.get(at) ?? { score: 0, because: [] };
    row.score += points;
    if (because) row.because.push(because);
    found.set(at, row);
  };
  matchWords(said, index, give);
  matchPairs(said, index, give);
  if (said && said.length <= TYPING) matchBeginnings(said, index, give);
  if (index.byCode.has(said)) give(index.byCode.get(said), 100, { kind: "code" });
  const isTyped = found.size > 0;
  const prior = (kind, codes, share = 1) =>
    codes.forEach((code, rank) => {
      const at = index.byCode.get(code);
      if (at === undefined || (isTyped && !found.has(at))) return;
      const known = found.get(at)?.because.some((because) => because.kind === kind);
      give(at, (PRIORS[kind] * share) / (1 + rank / 2), known ? null : { kind });
    });
  if (isTyped || !said) {
    prior("place", placeItems);
    prior("recent", [...new Set(recents)]);
    listsOf(usual).forEach((codes, at) => prior("usual", codes, 1 / (1 + at)));
  }
  return [...found]
    .map(([at, row]) => ({ item: items[at], score: row.score, because: best(row.because) }))
    .sort((a, b) => b.score - a.score || (a.item.code < b.item.code ? -1 : 1))
    .slice(0, most);
}

/** That of the grid before that of its community. */
function listsOf(usual) {
  if (Array.isArray(usual)) return [usual];
  const areas = Object.keys(usual).sort((a, b) => b.length - a.length);
  return areas.map((area) => usual[area]);
}

/** The three heaviest words, then the other reasons. */
function best(because) {
  const words = because.filter(({ kind }) => kind === "word").sort((a, b) => b.points - a.points);
  const rest = because.filter(({ kind }) => kind !== "word");
  return [...words.slice(0, 3).map(({ kind, word }) => ({ kind, word })), ...rest];
}

function indexOf(items, hints) {
  const kept = indexes.get(items);
  if (kept?.hints === hints) return kept;
  const words = new Map(); // word -> [[place of the item, weight], …]
  const pairs = new Map(); // pair of characters -> the items' places
  const byCode = new Map();
  items.forEach((item, at) => {
    byCode.set(item.code, at);
    const own = hints[item.code] ?? (item.keywords ?? []).map((word) => [word.toLowerCase(), 8]);
    for (const [word, weight] of own) enter(words, word, [at, weight]);
    for (const word of (item.name_en ?? "").toLowerCase().match(LATIN) ?? []) {
      if (word.length > 3) enter(words, word, [at, 4]);
    }
    const seen = new Set();
    addPairs(item.name_zh, seen);
    for (const [word] of own) addPairs(word, seen);
    for (const pair of seen) enter(pairs, pair, at);
  });
  const weights = new Map([...pairs].map(([pair, at]) => [pair, 2 * PAIR * Math.log(1 + items.length / at.length)]));
  const index = { hints, words, pairs, weights, byCode };
  indexes.set(items, index);
  return index;
}

function enter(map, key, value) {
  const row = map.get(key);
  if (row) row.push(value);
  else map.set(key, [value]);
}

function isHan(code) {
  return code >= 0x3400 && code <= 0x9fff;
}

/** Every two neighbouring Chinese characters of a text. */
function addPairs(text, seen) {
  let last = false;
  for (let at = 0; at < text.length; at += 1) {
    const han = isHan(text.charCodeAt(at));
    if (han && last) seen.add(text.slice(at - 1, at + 1));
    last = han;
  }
  return seen;
}

/** Every word that stands in the text; of one item each character of the text counts once, for the heaviest word. */
function matchWords(said, { words }, give) {
  const spans = new Map(); // place of the item -> [[start, length, weight, word], …]
  const note = (start, word) => {
    for (const [at, weight] of words.get(word) ?? []) enter(spans, at, [start, word.length, weight, word]);
  };
  for (let start = 0; start < said.length; start += 1) {
    if (!isHan(said.charCodeAt(start))) continue;
    for (let length = 1; length <= LONGEST_WORD && start + length <= said.length; length += 1) {
      note(start, said.slice(start, start + length));
    }
  }
  for (const match of said.matchAll(LATIN)) {
    note(match.index, match[0]);
    if (match[0].endsWith("s")) note(match.index, match[0].slice(0, -1));
  }
  for (const [at, found] of spans) {
    const explained = new Set();
    const counted = new Set();
    for (const [start, length, weight, word] of found.sort((a, b) => b[2] - a[2])) {
      let fresh = 0;
      for (let place = start; place < start + length; place += 1) {
        if (!explained.has(place)) fresh += 1;
        explained.add(place);
      }
      const points = (weight * fresh) / length;
      if (points && !counted.has(word)) give(at, points, { kind: "word", word, points });
      counted.add(word);
    }
  }
}

function matchPairs(said, { pairs, weights }, give) {
  for (const pair of addPairs(said, new Set())) {
    for (const at of pairs.get(pair) ?? []) give(at, weights.get(pair));
  }
}

/** What one may be about to type. */
function matchBeginnings(said, { words }, give) {
  for (const [word, owners] of words) {
    if (word.length <= said.length || !word.startsWith(said)) continue;
    for (const [at, weight] of owners) {
      const points = (weight * said.length) / word.length / 2;
      give(at, points, { kind: "word", word, points });
    }
  }
}
