/**
 * The records of the outbox, and what becomes of them: pure functions of what lies in the store, each returning the
 * operations of one transaction, [] for none. Every report, file, move and complaint is a record of its own:
 *
 * {id, kind: "report"|"file"|"move"|"complaint", event, after: [ids it waits for], title, training, body, made_at,
 *  state: "waiting"|"sending"|"stopped", tries, next_at, problem: null|{kind, code, message, fields}, sent_bytes}
 *
 * Reports and moves also name their `files` and the `fields` of the draft they were. Times are milliseconds.
 */
const KEPT = 100; // of what was sent

/** What is read to decide about a record: its event's records; a complaint has no event. */
export const ofEvent = (event) => ["outbox", { event: event ?? "" }];

/** The same bytes twice are one file. */
export const unique = (files) => [...new Map(files.map((file) => [`${file.kind} ${file.sha256}`, file])).values()];

export const byAge = (one, other) =>
  one.made_at - other.made_at || (one.position ?? 0) - (other.position ?? 0) || (one.id < other.id ? -1 : 1);

export const AGAIN = { state: "waiting", tries: 0, next_at: 0, problem: null };

/**
 * A report, move or complaint with its files; earlier: the event's records. The report goes first, then its files; a
 * move after all that is there, its own files included.
 */
export function added(content, files, { earlier, fields, training, now }) {
  const { id, kind, event, title } = content;
  const base = { after: [], training, made_at: now, sent_bytes: 0, ...AGAIN };
  const before = earlier.map((record) => record.id);
  const own = files.map((file) => file.id);
  const rows = files.map(({ id: named, kind: what, blob, sha256, name = "" }, position) => ({
    ...base,
    id: named,
    kind: "file",
    event,
    title,
    position,
    after: kind === "move" ? before : [id],
    body: { kind: what, sha256, name, size: blob.size, type: blob.type },
  }));
  const main = { ...base, ...content, files: own, fields, after: kind === "move" ? [...before, ...own] : [] };
  return [main, ...rows].map((row) => ["put", "outbox", row]);
}

/** What the person counts: a report or move with its files is one; a file whose report has arrived before it, or that was refused, is too. */
export function letters(rows) {
  const along = new Set(rows.flatMap(({ files }) => files ?? []));
  return rows.filter(({ id, state }) => !along.has(id) || state === "stopped");
}

/** Given up: a report takes its files and moves along, a move its files; a file leaves its move. */
export function removed(record, rows) {
  const along = rows.filter((row) => record.kind === "report" || record.files?.includes(row.id));
  const gone = [...new Set([record.id, ...along.map((row) => row.id)])];
  const left = rows.filter((row) => row.files?.includes(record.id) && !gone.includes(row.id));
  return [
    ...gone.flatMap((id) => [["delete", "outbox", id], ["delete", "files", id]]),
    ...left.map((row) => ["put", "outbox", { ...row, files: row.files.filter((file) => file !== record.id) }]),
  ];
}

/** Under another id, which for a report is its event's too. */
export function renewed(record, rows, id) {
  const event = record.kind === "report" ? id : record.event;
  const after = (row) => row.after.map((other) => (other === record.id ? id : other));
  const others = rows.filter((row) => row.id !== record.id);
  return [
    ["delete", "outbox", record.id],
    ["put", "outbox", { ...record, ...AGAIN, id, event }],
    ...others.map((row) => ["put", "outbox", { ...row, event, after: after(row) }]),
  ];
}

/** As a draft under its own id, with those of its files that have not arrived. */
export function reopened(record, rows, now) {
  const own = rows.filter((row) => record.files.includes(row.id));
  const files = own.map((row) => ({ id: row.id, ...row.body }));
  const { id, kind, event, title, body, fields, problem } = record;
  return [
    ["delete", "outbox", id],
    ...own.map((row) => ["delete", "outbox", row.id]),
    ["put", "drafts", { id, record: id, kind, event, title, body, fields, problem, files, saved_at: now }],
  ];
}

/** The server has it: noted under `sent`, or for a file there and in the move that waits to learn of it. */
export function acknowledged(record, answer, { rows, sent, now }) {
  const { id, kind, event, title } = record;
  if (kind === "file") {
    const reports = sent.filter((entry) => entry.id === event);
    const moves = rows.filter((row) => isWanted(id, [row]));
    return [
      ...forgotten(id),
      ...reports.map((entry) => ["put", "sent", { ...entry, photos_missing: missing(entry, answer) }]),
      ...moves.map((row) => ["put", "outbox", withEvidence(row, id, answer.id)]),
    ];
  }
  const { number = "", url = "", item_name = "", photos_missing = 0 } = answer;
  const photos = record.body.photos?.length ?? 0;
  const entry = { id, kind, event, title, number, url, item_name, at: now, photos, photos_missing };
  const old = sent.filter((other) => other.id !== id).sort((one, other) => other.at - one.at).slice(KEPT - 1);
  return [...forgotten(id), ["put", "sent", entry], ...old.map((other) => ["delete", "sent", other.id])];
}

/** As acknowledged() where the device has no room for a note; a file that a move must learn of stays. */
export const acknowledgedWithoutRoom = ({ id }, rows) => (isWanted(id, rows) ? [] : forgotten(id));

const forgotten = (id) => [["delete", "outbox", id], ["delete", "files", id]];

const isWanted = (file, rows) => rows.some((row) => row.kind === "move" && row.files.includes(file));

/** Of an event that is out of sight since, the server does not tell how many are missing. */
const missing = (entry, { photos_missing }) => photos_missing ?? Math.max(0, entry.photos_missing - 1);

/** Once, also where two tabs heard the answer. */
function withEvidence(move, file, id) {
  const { data } = move.body;
  const evidence = [...(data.evidence ?? []), id];
  return { ...move, files: move.files.filter((other) => other !== file), body: { ...move.body, data: { ...data, evidence } } };
}

/** What is to be sent now: small things first, so that no report waits for a film; then by age. */
export function next(rows, isDue) {
  const due = ready(rows).filter((row) => isDue(row.next_at));
  return due.sort((one, other) => (one.kind === "file") - (other.kind === "file") || byAge(one, other))[0];
}

/** Those that wait for no other. */
export function ready(rows) {
  const there = new Set(rows.map((row) => row.id));
  return rows.filter((row) => row.state !== "stopped" && !row.after.some((id) => there.has(id)));
}
