/** What is begun, what waits to be sent and what has arrived, each in plain words. */
import { Draft, isWorth } from "../draft.js";
import { find, fromTemplate, icon, make, put } from "../dom.js";
import { letters } from "../records.js";
import { moment, hasWord, problemOf, word } from "../words.js";

const ICONS = { report: "camera", file: "album", move: "check", complaint: "answer" };

export async function show(root, app) {
  const view = fromTemplate("outbox");
  root.append(view);
  const waiting = find(view, "waiting");

  async function draw() {
    const records = await app.outbox.list();
    const parts = letters(records);
    put(view, { waiting: parts.length || "", paused: pausedWords(app) });
    find(view, "none").hidden = parts.length > 0;
    find(view, "send-now").hidden = parts.length === 0;
    waiting.replaceChildren(...parts.map((record) => letter(record, records, app)));
    const drafts = (await Draft.all(app.store)).filter(isWorth);
    find(view, "drafts-box").hidden = drafts.length === 0;
    find(view, "drafts").replaceChildren(...drafts.map((draft) => begun(draft, app, draw)));
    const sent = await app.outbox.sent();
    find(view, "sent-box").hidden = sent.length === 0;
    find(view, "sent").replaceChildren(...sent.map(arrived));
  }

  find(view, "send-now").addEventListener("click", async () => {
    await app.look();
    app.outbox.wake();
  });
  await draw();
  addEventListener("grid-outbox", draw);
  return () => removeEventListener("grid-outbox", draw);
}

function pausedWords(app) {
  const why = app.outbox.paused || (app.failure === "offline" ? "offline" : "");
  return why && hasWord(`paused_${why}`) ? word(`paused_${why}`, { name: app.me.name }) : "";
}

function letter(record, records, app) {
  const files = records.filter(({ id }) => record.files?.includes(id));
  const element = fromTemplate("letter");
  find(element, "letter-icon").append(icon(ICONS[record.kind] ?? "file"));
  put(element, { title: record.title || record.body?.description || word(`kind_${record.kind}`), state: stateOf(record, files), problem: problemOf(record) });
  element.classList.toggle("is-stopped", record.state === "stopped");
  const size = files.reduce((sum, { body }) => sum + body.size, 0);
  if (size && record.state !== "stopped") {
    const bar = find(element, "progress");
    bar.hidden = false;
    bar.value = files.reduce((sum, { sent_bytes: bytes }) => sum + bytes, 0) / size;
  }
  if (record.state === "stopped") {
    if (record.problem?.code === "different_content") add(element, "send_as_new", () => app.outbox.renew(record.id));
    else if (record.kind === "report") add(element, "correct_it", () => correct(record, app));
    else if (record.kind === "move" && record.problem?.kind === "refused") add(element, "correct_it", () => decideAgain(record, app));
    else add(element, "try_again", () => app.outbox.retry(record.id));
    add(element, "delete", () => confirm(word("delete_sure")) && app.outbox.remove(record.id), "button danger");
  }
  if (record.kind === "move") leadTo(record.event, element);
  return element;
}

function add(element, name, act, className = "button") {
  const button = make("button", { type: "button", className, textContent: word(name) });
  button.addEventListener("click", act);
  find(element, "buttons").append(button);
}

function leadTo(event, element) {
  const title = element.querySelector("b");
  title.replaceChildren(make("a", { href: `#/event/${event}`, className: "letter-link", textContent: title.textContent }));
}

/** Back to the form with everything that was in it. */
async function correct(record, app) {
  const key = await app.outbox.reopen(record.id);
  if (key) app.go(formOf({ ...record, id: key }));
}

/** A move that was refused: only where it is still open, or its words would be in no form. */
async function decideAgain(record, app) {
  const { value, failure } = await app.api.read(`event-${record.event}`, `events/${record.event}/`);
  const isOpen = value?.allowed_actions.some(({ verb }) => verb === record.body.verb);
  if (!failure && isOpen) await correct(record, app);
  else app.toast(failure ? word(hasWord(failure) ? failure : "server", { name: app.me.name }) : word("no_longer", { state: value.state_name }));
}

function formOf({ id, kind, event, body }) {
  if (kind === "complaint") return "#/me";
  return kind === "move" ? `#/event/${event}/${body.verb}/${id}` : `#/report/${id}`;
}

/** A draft, to go on with. */
function begun(draft, app, onChange) {
  const { id, kind = "report", title, fields, files, saved_at: saved } = draft;
  const element = fromTemplate("letter");
  find(element, "letter-icon").append(icon(ICONS[kind]));
  put(element, {
    title: title || fields?.description || fields?.text || word(`kind_${kind}`),
    state: [files.length && word("with_files", { count: files.length }), word("made_at", { at: moment(saved) })].filter(Boolean).join(" · "),
    problem: problemOf(draft),
  });
  add(element, "go_on", () => app.go(formOf(draft)));
  const drop = async () => {
    if (!confirm(word("delete_sure"))) return;
    await (await Draft.open(app.store, id)).clear();
    onChange();
  };
  add(element, "delete", drop, "button danger");
  return element;
}

function stateOf({ state, tries, next_at: next, made_at: made }, files) {
  if (state === "sending") return word("sending");
  if (state === "stopped") return word("stopped");
  const words = tries && next > Date.now() ? word("again_at", { at: moment(next) }) : word("waiting");
  return [words, files.length && word("with_files", { count: files.length }), word("made_at", { at: moment(made) })].filter(Boolean).join(" · ");
}

function arrived(row) {
  const element = fromTemplate("letter");
  const missing = row.photos_missing ? word("photos_missing", { count: row.photos_missing }) : "";
  find(element, "letter-icon").append(icon("done"));
  element.classList.add("is-done");
  put(element, { title: row.title || row.item_name || word(`kind_${row.kind}`), state: [row.number, moment(row.at), missing].filter(Boolean).join(" · "), problem: "" });
  if (row.event) leadTo(row.event, element);
  return element;
}
