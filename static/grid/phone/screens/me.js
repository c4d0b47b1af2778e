/** My month, this phone, the complaint box, and the way out. */
import { find, fromTemplate, make, put } from "../dom.js";
import { Draft } from "../draft.js";
import { canInstall, install, renewShell } from "../install.js";
import { hasWord, moment, word } from "../words.js";
import { leave } from "../person.js";
import { pusher } from "../push.js";
import { setTextSize } from "../text-size.js";

const MEGABYTE = 1_000_000;
const PATIENCE_MS = 3000; // for telling the push service

export async function show(root, app) {
  const view = fromTemplate("me");
  const { me } = app;
  put(view, { initial: [...me.name][0], name: me.name, post: me.posts.map((post) => `${post.role_name} · ${post.organization_name}`).join("; "), version: document.body.dataset.version });
  const draft = await complaintBegun(app);
  root.append(view);
  find(view, "desk").href = `${app.addresses.home}events/`;
  month(view, app);
  phone(view, app);
  push(view, app);
  complaints(view, app, draft);
  logOut(view, app);
}

// My month -----------------------------------------------------------------------------------------

const FIGURES = ["reported", "closed", "open", "self_closed", "checks_done", "answers_waiting", "merged", "rejected"];
const THIS_MONTH = () => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(0, 7);

function month(view, app) {
  let shown = THIS_MONTH();
  const go = (by) => {
    const [year, number] = shown.split("-").map(Number);
    shown = new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
    draw();
  };
  async function draw() {
    put(view, { month: shown });
    find(view, "month-on").disabled = shown >= THIS_MONTH();
    const answer = await app.api.read(`month-${shown}`, `month/?month=${shown}`);
    const counts = answer.value;
    find(view, "month").replaceChildren(
      ...(counts
        ? FIGURES.map((name) => make("div", {}, make("dt", { textContent: word(`month_${name}`) }), make("dd", { textContent: counts[name] })))
        : [make("p", { className: "nothing", textContent: word(answer.failure === "offline" ? "offline_empty" : "server") })]),
    );
  }
  find(view, "month-back").addEventListener("click", () => go(-1));
  find(view, "month-on").addEventListener("click", () => go(1));
  draw();
}

// This phone ---------------------------------------------------------------------------------------

function phone(view, app) {
  const sizes = view.querySelectorAll("[data-size]");
  const press = () => {
    for (const button of sizes) button.setAttribute("aria-pressed", String(button.dataset.size === (document.documentElement.dataset.size ?? "normal")));
  };
  for (const button of sizes) {
    button.addEventListener("click", () => {
      setTextSize(button.dataset.size);
      press();
    });
  }
  press();
  const language = document.documentElement.lang;
  for (const button of view.querySelectorAll("[data-speak]")) {
    button.setAttribute("aria-pressed", String(button.dataset.speak.toLowerCase() === language.toLowerCase()));
    button.addEventListener("click", () => speak(button.dataset.speak, app));
  }
  const row = find(view, "install-row");
  row.hidden = !canInstall();
  find(view, "install").addEventListener("click", async () => {
    await install();
    row.hidden = true;
  });
  app.store.estimate().then((free) => {
    const words = app.store.durable ? word("kept") : word("fleeting");
    put(view, { storage: free === null ? words : `${words} · ${word("free", { megabytes: Math.round(free / MEGABYTE) })}` });
  });
}

async function speak(language, app) {
  const body = new URLSearchParams({ language, next: app.addresses.shell });
  const answer = await fetch(app.addresses.language, { method: "POST", body, headers: { "X-CSRFToken": app.token() } }).catch(() => null);
  if (!answer?.ok) {
    app.toast(word("offline"));
    return;
  }
  await app.store.change([["cache"]], (kept) => kept.map(({ id }) => ["delete", "cache", id])); // Names in the other language.
  await renewShell();
  location.reload();
}

// Messages of the system while the app is closed -----------------------------------------------------

async function push(view, app) {
  const { subscribe, unsubscribe, state } = pusher({ send: app.ask });
  const row = find(view, "push-row");
  const button = find(view, "push");
  const draw = (now) => {
    row.hidden = !hasWord(`push_${now}`);
    if (row.hidden) return;
    button.textContent = word(`push_${now}`);
    button.disabled = now === "denied";
    button.onclick = async () => {
      button.disabled = true;
      const next = await (now === "on" ? unsubscribe() : subscribe());
      if (!["on", "off"].includes(next)) app.toast(word(next === "denied" ? "push_denied" : "push_failed"));
      draw(hasWord(`push_${next}`) ? next : now);
    };
  };
  draw(await state().catch(() => "unavailable"));
}

// Complaint box ---------------------------------------------------------------------------------

const COMPLAINT = "complaint";

async function complaintBegun(app) {
  const draft = await Draft.open(app.store, COMPLAINT);
  draft.about ??= { kind: COMPLAINT, body: {} };
  return draft;
}

function complaints(view, app, draft) {
  const form = find(view, "complain");
  const area = form.querySelector("textarea");
  async function draw() {
    const waiting = (await app.outbox.list()).filter(({ kind }) => kind === "complaint");
    const answer = await app.api.read("complaints", "complaints/");
    const rows = answer.value?.results ?? answer.value ?? [];
    find(view, "complaints").replaceChildren(
      ...waiting.map((record) => complaint({ text: record.body.text, foot: word("waiting"), answer: record.problem?.message ?? "" })),
      ...rows.map((row) => complaint({ text: row.text, answer: row.answer, foot: moment(row.at), onRead: row.state === "answered" && (() => putAway(row)) })),
    );
    const unread = answer.value?.unread ?? 0;
    put(view, { answers: unread || "" });
    app.mark("me", unread);
  }
  async function putAway({ id }) {
    const answer = await app.ask({ method: "POST", path: `complaints/${id}/close/`, json: {} });
    if (answer.kind !== "ok") app.toast(word(answer.kind === "offline" ? "offline" : "server"));
    draw();
  }
  area.value = draft.fields.text ?? "";
  area.addEventListener("input", () => draft.set({ text: area.value }));
  const say = (words) => put(form, { problem: words });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = area.value.trim();
    say(text ? "" : word("is_needed"));
    if (!text) return;
    try {
      if (await draft.isSent()) await draft.renew(); // By another tab: this is one more.
      await app.outbox.addComplaint({ id: draft.id, text, app: document.body.dataset.version }, { draft });
    } catch (error) {
      say(word(error.name === "StoreFullError" ? "store_full" : "not_kept"));
      return;
    }
    draft = await complaintBegun(app);
    area.value = "";
    app.toast(word(app.failure === "offline" ? "kept_for_later" : "on_its_way"));
    draw();
  });
  draw();
}

function complaint({ text, answer, foot, onRead }) {
  const element = put(fromTemplate("complaint"), { text, answer, foot });
  find(element, "answer").hidden = !answer;
  find(element, "read").hidden = !onRead;
  if (onRead) find(element, "read").addEventListener("click", onRead);
  return element;
}

// Out ----------------------------------------------------------------------------------------------

function logOut(view, app) {
  find(view, "log-out").addEventListener("click", async () => {
    const waiting = await app.outbox.waiting();
    if (!confirm(waiting ? word("log_out_waiting", { count: waiting, name: app.me.name }) : word("log_out_sure"))) return;
    await Promise.race([pusher({ send: app.ask }).unsubscribe().catch(() => null), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    await leave();
    location.replace(app.addresses.shell); // Which tells the server, now or when there is a network.
  });
}
