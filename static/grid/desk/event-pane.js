/**
 * The event beside the list: opened by htmx from its own page's address, moved by the same forms. After a move the
 * list comes anew, the focus goes to the next row, and when nothing is left to do here the next event opens.
 */
import { showMaps } from "../map.js";
import "../move.js";
import { openable } from "../photos.js";
import { keep, told } from "./address.js";
import { currentId, focusList, makeCurrent, neighbour, showOpen } from "./rows.js";

const NARROW = 900; // Below, an event has its own page.
const AUTO = "desk.auto-next";
const pane = () => document.getElementById("event-pane");
const panes = () => document.getElementById("panes");
let afterLoad = null;
let isLoading = false; // What the pane still shows is no longer acted on.
let moved = null; // {event, next} of the move just made

export const opensBeside = () => window.innerWidth >= NARROW && !!pane();
export const openId = () => (panes()?.classList.contains("has-open") ? told("open") : "");
const autoNext = () => localStorage.getItem(AUTO) !== "off";

/** Open an event beside the list; `then` is done when it has come. */
export function openEvent(id, { then = null } = {}) {
  if (openId() !== id) keep({ open: id }, { push: !openId() });
  makeCurrent(id, { focus: document.activeElement === document.body });
  load(id, then);
}

function load(id, then) {
  const element = pane();
  afterLoad = then;
  isLoading = true;
  element.querySelector("[data-event]")?.removeAttribute("data-my-turn");
  panes().classList.add("has-open");
  element.hidden = false;
  showOpen(id);
  forgetForm();
  const url = element.dataset.page.replace("00000000-0000-0000-0000-000000000000", id);
  htmx.ajax("GET", url, { source: element, target: element, swap: "innerHTML" });
}

export function closeEvent() {
  if (!openId()) return false;
  keep({ open: "" });
  shut();
  focusList();
  return true;
}

function shut() {
  isLoading = false;
  panes().classList.remove("has-open");
  pane().textContent = "";
  showOpen("");
  forgetForm();
  document.dispatchEvent(new CustomEvent("desk:event", { detail: {} }));
}

/** The pane as the address says, after the list was replaced or at the start. */
export function follow() {
  if (!pane()) return;
  const id = told("open");
  const here = pane().querySelector("[data-event]")?.dataset.event ?? "";
  if (!opensBeside() || !id) {
    if (panes().classList.contains("has-open")) shut();
  } else if (here !== id) load(id, null);
}

/** A form kept for the same event must not be sent for another. */
function forgetForm() {
  const body = document.getElementById("move-body");
  if (body) body.textContent = "";
}

// Actions ---------------------------------------------------------------------------------------

const actions = () => [...(pane()?.querySelectorAll(".p-actions [data-move]") ?? [])];

/** Open the form of the n-th action shown, counted from nought; of an event still on its way when it has come. */
export function act(n) {
  if (isLoading) afterLoad = () => act(n);
  else actions()[n]?.click();
}

/** The likeliest duplicate beside this event, where one is offered. */
export const compare = () => pane()?.querySelector('[data-key="b"]')?.click();

export function moreActions() {
  const button = pane()?.querySelector(".btn-more");
  if (!button || !button.offsetParent) return actions()[1]?.focus();
  button.click();
  pane().querySelector("#more-actions a")?.focus();
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  // Its own load, not the bar's above it: only now do its links open forms instead of leading away.
  const scroll = elt.matches?.("#event-pane [data-event]") ? elt : null;
  if (!scroll || scroll.dataset.ready) return;
  scroll.dataset.ready = "yes";
  arrived(scroll);
});

function arrived(scroll) {
  actions().forEach((link, n) => {
    if (n < 9) link.dataset.cap = n ? n + 1 : "a";
  });
  for (const panel of scroll.querySelectorAll("[data-photos]")) openable(panel);
  if (scroll.querySelector(".p-map")?.offsetParent) showMaps(scroll);
  const box = document.getElementById("auto-next");
  if (box) box.checked = autoNext();
  document.dispatchEvent(new CustomEvent("desk:event", { detail: { id: scroll.dataset.event, scroll } }));
  isLoading = false;
  const then = afterLoad;
  afterLoad = null;
  const done = moved;
  moved = null;
  const goesOn = done?.event === scroll.dataset.event && done.next && autoNext() && !("myTurn" in scroll.dataset);
  if (goesOn) openEvent(done.next, { then });
  else then?.();
}

// Moves -----------------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.closest("#move-dialog") && pane()) detail.headers["X-In-Pane"] = "1";
});

document.addEventListener("event-moved", ({ detail }) => {
  document.getElementById("move-dialog")?.close();
  forgetForm();
  say(detail.words);
  // An earlier move may have taken it from this queue already: then the row where the list stands is the next one.
  const next = neighbour(detail.event) || (currentId() === detail.event ? "" : currentId());
  moved = { event: detail.event, next };
  if (next) makeCurrent(next);
  else focusList();
  htmx.trigger("#queue-list", "refresh");
  if (openId() === detail.event) load(detail.event, null);
});

/** Two events found not to be the same matter, or that taken back: the event stays, what is proposed changes. */
document.addEventListener("event-judged", ({ detail }) => {
  document.getElementById("move-dialog")?.close();
  forgetForm();
  say(detail.words);
  if (openId() === detail.event) load(detail.event, null);
});

let hide = 0;
export function say(words) {
  const toast = document.getElementById("toast");
  toast.textContent = words;
  clearTimeout(hide);
  hide = setTimeout(() => (toast.textContent = ""), 4000);
}

for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.target?.id !== "event-pane" && detail.elt?.id !== "event-pane") return;
    isLoading = false;
    const words = document.createElement("p");
    words.className = "empty";
    words.textContent = pane().dataset.textGone;
    pane().replaceChildren(words);
  });
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "auto-next") localStorage.setItem(AUTO, target.checked ? "on" : "off");
});

document.addEventListener("click", (event) => {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || !opensBeside()) return;
  const link = event.target.closest('#queue-list a[id^="e-"]');
  if (!link) return;
  event.preventDefault();
  makeCurrent(link.id.slice(2));
  openEvent(link.id.slice(2));
});
