/** The app's words, as the server wrote them into the shell in the language of the person. */
const WORDS = JSON.parse(document.getElementById("words").textContent);
const LANGUAGE = document.documentElement.lang;

/** word("left", {count: 3}): "{count} left" with its values in. */
export function word(name, values = {}) {
  const text = WORDS[name];
  if (text === undefined) throw new Error(`There is no word for ${name}.`);
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export const hasWord = (name) => name in WORDS;

/** Why the server, or the phone itself, refused a record; "" for none. */
export function problemOf({ problem }) {
  if (!problem) return "";
  const fields = Object.values(problem.fields ?? {}).flat().map(({ message }) => message);
  return fields.join(" ") || problem.message || word(hasWord(problem.kind) ? problem.kind : "server");
}

const ZONE = { timeZone: "Asia/Shanghai" };
const day = (instant) => instant.toLocaleDateString("sv-SE", ZONE);
const clock = new Intl.DateTimeFormat(LANGUAGE, { ...ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const date = new Intl.DateTimeFormat(LANGUAGE, { ...ZONE, month: "short", day: "numeric" });

/** "14:05" today, else "Jul 3 14:05". */
export function moment(instant, now = new Date()) {
  const at = new Date(instant);
  return day(at) === day(now) ? clock.format(at) : `${date.format(at)} ${clock.format(at)}`;
}

const names = new Intl.ListFormat(LANGUAGE, { type: "conjunction" });

/** "photo after and document". */
export const listed = (words) => names.format(words);

export function metres(distance) {
  return distance < 950 ? `${Math.max(5, Math.round(distance / 5) * 5)} m` : `${(distance / 1000).toFixed(1)} km`;
}
