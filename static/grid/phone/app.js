/**
 * The grid worker's app: who is at the phone, what waits to be sent, and which screen is shown.
 * A screen is a module with show(root, app, path) that returns what to do when it is left, or nothing.
 */
import { Api, get } from "./api.js";
import { Checklist } from "./checklist.js";
import { find, fromTemplate, icon } from "./dom.js";
import { installWorker } from "./install.js";
import { Outbox } from "./outbox.js";
import { hasLeft, isLeaving, lastPerson, rememberPerson } from "./person.js";
import { boundariesOf } from "./place.js";
import { csrfToken, sender } from "./send.js";
import { openStore } from "./store.js";
import * as event from "./screens/event.js";
import * as inbox from "./screens/inbox.js";
import * as me from "./screens/me.js";
import * as outbox from "./screens/outbox.js";
import * as report from "./screens/report.js";
import * as tasks from "./screens/tasks.js";
import { restoreTextSize } from "./text-size.js";
import { hasWord, moment, word } from "./words.js";

const SCREENS = { tasks, report, event, outbox, inbox, me };
const LOOK_AGAIN_MS = 60_000;
const LOG_OUT_MS = 15_000;
const PROVIDE_MS = 2_500;

const addresses = document.body.dataset;
const top = document.querySelector(".top");
const screen = find(document, "screen");

/** Who is at the phone and what is theirs; the screens get it. */
class App {
  me = null;
  leaving = null;
  looking = Promise.resolve();
  shot = null; // A photo taken by the tab bar's camera, for the report screen.
  failure = ""; // Of the last question to the server: "", "offline", "server", "log_in", "other_person".

  get addresses() {
    return addresses;
  }

  async begin() {
    const known = await lastPerson();
    if (known) await this.#as(known);
    else this.#show("starting");
    setInterval(() => document.visibilityState === "visible" && this.look(), LOOK_AGAIN_MS);
    addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.look());
    addEventListener("online", () => this.look());
    addEventListener("offline", () => this.said("offline"));
    await this.look();
  }

  /** One look after the other: the network may come back in the middle of one that still fails. */
  look() {
    this.looking = this.looking.catch(() => {}).then(() => this.#look());
    return this.looking;
  }

  /** Ask the server who is logged in; the app is theirs from then on, and what they left waiting is sent. */
  async #look() {
    const isFirst = !this.looked; // The screen that is being opened asks for itself.
    this.looked = true;
    if (await isLeaving()) {
      if (await this.logOut()) location.reload(); // What the page preloaded was asked as who has left.
      else this.#nobody("offline");
      return;
    }
    const answer = await get("me/");
    if (answer.body && !answer.failure) {
      const isAnother = this.me?.id !== answer.body.id;
      await rememberPerson(answer.body);
      if (isAnother) await this.#as(answer.body);
      else this.#met(answer.body);
      const isStale = !isFirst || this.failure;
      this.said("");
      this.outbox.start(); // Not before it is known who is logged in, and the token is there.
      if (isStale) dispatchEvent(new CustomEvent("grid-look"));
      const unread = await this.api.read("unread", "inbox/unread/");
      this.mark("inbox", unread.value?.unread);
      if (isAnother || !this.provides) setTimeout(() => this.#provide().catch(() => {}), PROVIDE_MS);
      this.provides = true;
    } else {
      this.said(answer.failure);
      if (!this.me) this.#nobody(answer.failure);
    }
  }

  /** What no first screen waits for: answers of the complaint box, and what a report needs where there is no network. */
  async #provide() {
    const { api, me } = this;
    if (!me.may_report) return;
    const { value } = await api.read("complaints", "complaints/");
    if (api !== this.api) return; // Somebody else has logged in.
    this.mark("me", value?.unread);
    if (!(await api.kept("items")) || !(await api.kept("hints"))) await new Checklist(this).load();
    await boundariesOf(this);
  }

  /** The state of the network and the log-in, as the last answer showed it. */
  said(failure) {
    this.failure = failure;
    const loggedOut = failure === "log_in" || failure === "other_person";
    find(document, "log-in").hidden = !loggedOut || !this.me;
    if (loggedOut && this.me) {
      find(document, "log-in-words").textContent = word(failure, { name: this.me.name });
      find(document, "log-in-link").href = `${addresses.login}?next=${encodeURIComponent(addresses.shell)}`;
    }
    this.#net();
  }

  /** Show the screen of the address: "#/event/<id>/verify". */
  async open() {
    if (!this.me) return;
    const [name, ...path] = location.hash.replace(/^#\//, "").split("?")[0].split("/");
    const known = SCREENS[name]?.show ? name : "tasks";
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.leaving?.();
    this.leaving = null;
    this.title(word(`title_${known}`));
    find(top, "back").hidden = known === "tasks";
    for (const link of document.querySelectorAll(".tabs a")) {
      if (link.hash === `#/${known}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    screen.className = `on-${known}${path[1] ? " on-move" : ""}`;
    screen.replaceChildren();
    scrollTo(0, 0);
    const leave = (await SCREENS[known].show(screen, this, path.map(decodeURIComponent))) ?? null;
    if (turn !== this.turn) {
      leave?.(); // Another tap was quicker.
      return;
    }
    this.leaving = leave;
    document.body.dataset.shown = known;
  }

  token() {
    return csrfToken();
  }

  /** Tell the server that nobody is at this phone any more; returns whether it knows. */
  async logOut() {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), LOG_OUT_MS);
    const asked = { method: "POST", headers: { "X-CSRFToken": csrfToken() }, signal: stop.signal };
    const answer = await fetch(addresses.logout, asked).catch(() => null);
    clearTimeout(timer);
    if (answer?.ok) await hasLeft();
    return Boolean(answer?.ok);
  }

  title(text) {
    find(top, "title").textContent = text;
    document.title = `${text} · ${word("product")}`;
  }

  shoot() {
    shot.click();
    if (document.body.dataset.shown !== "report" || location.hash !== "#/report") this.go("#/report");
  }

  go(hash) {
    if (location.hash === hash) this.open();
    else location.hash = hash;
  }

  toast(text) {
    const toast = find(document, "toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (toast.hidden = true), 4000);
  }

  /** "photo after" for after_photo. */
  kindName(kind) {
    return this.me.evidence_kinds.find(({ value }) => value === kind)?.label ?? kind;
  }

  mark(tab, count) {
    const mark = document.querySelector(`[data-mark="${tab}"]`);
    mark.hidden = !count;
    mark.textContent = count > 99 ? "99+" : count || "";
  }

  async #as(me) {
    this.leaving?.();
    this.leaving = null;
    this.outbox?.close();
    this.store?.close();
    const store = await openStore(me.id);
    this.store = store;
    this.api = new Api({ store, person: me.id });
    this.outbox = new Outbox({
      store,
      send: (this.ask = sender({ person: me.id })),
      training: me.training,
      onChange: () => this.#queued(),
    });
    find(document, "fleeting").hidden = store.durable;
    this.#met(me);
    find(document, "tabs").hidden = !me.may_report;
    if (!me.may_report) {
      this.#show("not-for-you");
      find(screen, "link").href = addresses.home;
      return;
    }
    await this.#queued();
    await this.open();
  }

  #met(me) {
    this.me = me;
    this.outbox.training = me.training;
    find(top, "unit").textContent = me.area?.path.join(" › ") || me.posts[0]?.organization_name || me.name;
    find(document, "training").hidden = !me.training;
    document.body.classList.toggle("in-training", Boolean(me.training));
  }

  #nobody(failure) {
    if (failure === "log_in") {
      this.#show("log-in");
      find(screen, "link").href = `${addresses.login}?next=${encodeURIComponent(addresses.shell + location.hash)}`;
    } else {
      this.#show("no-network");
      find(screen, "try").addEventListener("click", () => this.look());
    }
  }

  #show(name) {
    if (name === "starting") return;
    find(document, "tabs").hidden = name !== "";
    screen.replaceChildren(fromTemplate(name));
  }

  /** Something in the outbox changed. */
  async #queued() {
    const waiting = await this.outbox.waiting();
    this.mark("outbox", waiting);
    this.queued = waiting;
    if (this.outbox.paused) this.said(this.outbox.paused);
    else this.#net();
    dispatchEvent(new CustomEvent("grid-outbox"));
  }

  #net() {
    const chip = find(top, "net");
    const offline = this.failure === "offline" || this.failure === "server";
    chip.hidden = !offline && !this.queued;
    chip.classList.toggle("is-offline", offline);
    find(chip, "net-icon").replaceChildren(icon(offline ? "offline" : "send"));
    const words = this.queued ? word("to_send", { count: this.queued }) : word(this.failure || "sending");
    find(chip, "net-words").textContent = words;
  }

  /** "as of 14:05" where what is shown was kept from before. */
  asOf(root, { at, failure }) {
    const line = find(root, "as-of");
    line.hidden = !failure;
    if (failure) line.textContent = at ? word("as_of", { at: moment(at) }) : word(hasWord(failure) ? failure : "server", { name: this.me.name });
  }
}

restoreTextSize();
const app = new App();
addEventListener("hashchange", () => app.open());
find(top, "back").addEventListener("click", () => (history.length > 1 ? history.back() : app.go("#/tasks")));
find(top, "net").addEventListener("click", () => app.go("#/outbox"));

// The camera opens at the first touch, and the report stands behind it.
const shot = find(document, "shot");
find(document, "report").addEventListener("click", () => app.shoot());
shot.addEventListener("change", () => {
  const [file] = shot.files;
  shot.value = "";
  if (!file) return;
  app.shot = file;
  if (document.body.dataset.shown === "report") dispatchEvent(new CustomEvent("grid-shot"));
  else app.go("#/report");
});

app.begin();
installWorker(app);
