/** What waits to be sent and what has arrived, each in plain words. */
import { find, fromTemplate, icon, make, put } from "../dom.js";
import { letters } from "../records.js";
import { moment, hasWord, word } from "../words.js";

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
  const buttons = find(element, "buttons");
  const add = (name, act, className = "button") => {
    const button = make("button", { type: "button", className, textContent: word(name) });
    button.addEventListener("click", act);
    buttons.append(button);
  };
  if (record.state === "stopped") {
    if (record.problem?.code === "different_content") add("send_as_new", () => app.outbox.renew(record.id));
    else if (record.kind === "report") add("correct_it", () => correct(record, app));
    else add("try_again", () => app.outbox.retry(record.id));
    add("delete", () => confirm(word("delete_sure")) && app.outbox.remove(record.id), "button danger");
  }
  return element;
}

/** Back to the form with everything that was in it. */
async function correct(record, app) {
  const key = await app.outbox.reopen(record.id);
  if (key) app.go(`#/report/${key}`);
}

function stateOf({ state, tries, next_at: next, made_at: made }, files) {
  if (state === "sending") return word("sending");
  if (state === "stopped") return word("stopped");
  const words = tries && next > Date.now() ? word("again_at", { at: moment(next) }) : word("waiting");
  return [words, files.length && word("with_files", { count: files.length }), word("made_at", { at: moment(made) })].filter(Boolean).join(" · ");
}

function problemOf({ problem }) {
  if (!problem) return "";
  const fields = Object.values(problem.fields ?? {}).flat().map(({ message }) => message);
  return fields.join(" ") || problem.message || (hasWord(problem.kind) ? word(problem.kind) : word("server"));
}

function arrived(row) {
  const element = fromTemplate("letter");
  const missing = row.photos_missing ? word("photos_missing", { count: row.photos_missing }) : "";
  find(element, "letter-icon").append(icon("done"));
  element.classList.add("is-done");
  put(element, { title: row.title ?? row.item_name, state: [row.number, moment(row.at), missing].filter(Boolean).join(" · "), problem: "" });
  if (row.event) {
    const link = make("a", { href: `#/event/${row.event}`, className: "letter-link", textContent: element.querySelector("b").textContent });
    element.querySelector("b").replaceChildren(link);
  }
  return element;
}
