/**
 * A part of a page marked data-live asks for itself anew when a hint says that something changed, and every eight
 * seconds while no live connection stands (every minute while one does), when its tab is looked at again, and when
 * the network is back.
 * A hidden tab stays quiet, but counts in its title what arrived. htmx keeps focus and scroll because rows keep
 * their ids.
 */
import { listen } from "./live/connection.js";
import { showAnew } from "./live/event-view.js";
import { askForm, openForm } from "./live/open-form.js";
import "./live/presence.js";
import { sound } from "./live/sound.js";

const POLL_MS = 8000; // With the way to a desk and the page's own time a new event shows within ten seconds.
const CALM_POLL_MS = 60_000;
const REST_MS = 1000; // Between two refreshes.
const PRESENCE_MS = 5000; // Between two refreshes for the marks of colleagues alone.
const page = document.body.dataset;
const mark = document.querySelector("[data-live-mark]");
let stands = false;
let missed = 0;
let refreshedAt = 0;
let later = 0;
let forMarks = 0;
let poll = 0;

function refresh() {
  if (document.hidden || document.querySelector("details[data-menu][open]")) return;
  refreshedAt = Date.now();
  for (const list of document.querySelectorAll("[data-live]")) htmx.trigger(list, "refresh");
}

/** At once, but no more often than every REST_MS. */
function refreshSoon() {
  clearTimeout(later);
  later = setTimeout(refresh, Math.max(0, refreshedAt + REST_MS - Date.now()));
}

/** A colleague came to an event of the list, works on it, or left. */
function refreshMarks(events) {
  const isShown = events.some(([id, , , isMine]) => !isMine && document.getElementById(`row-${id}`));
  if (!isShown || forMarks) return;
  forMarks = setTimeout(() => {
    forMarks = 0;
    refresh();
  }, PRESENCE_MS);
}

function pollOn() {
  clearTimeout(poll);
  const quick = Number(page.pollMs) || POLL_MS;
  poll = setTimeout(
    () => {
      refresh();
      if (!document.hidden) askForm();
      pollOn();
    },
    stands ? CALM_POLL_MS : quick,
  );
}

function show(connected) {
  for (const words of mark?.children ?? []) words.hidden = (words.dataset.when === "on") !== connected;
  mark?.classList.toggle("is-off", !connected);
}

function badge() {
  const plain = document.title.replace(/^\(\+\d+\) /, ""); // The number without a plus is the queue's own.
  document.title = missed ? `(+${missed}) ${plain}` : plain;
}

function hear({ all, events }) {
  const arrived = events.filter(([, kind]) => kind === "arrived");
  if (arrived.length) {
    sound(arrived.some(([, , isCritical]) => isCritical));
    if (document.hidden) missed += arrived.length;
    badge();
  }
  if (all || events.some(([, kind]) => kind !== "presence")) refreshSoon();
  else refreshMarks(events);
  const form = openForm();
  if (form && (all || events.some(([id, kind]) => kind !== "presence" && form.dataset.since.includes(id)))) askForm();
  showAnew({ all, events });
  document.dispatchEvent(new CustomEvent("live:hint", { detail: { all, events } }));
}

pollOn();
window.addEventListener("offline", () => show(false));
window.addEventListener("online", refreshSoon);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) missed = 0;
  badge();
  refresh();
  pollOn();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => show(Boolean(detail.successful))); // Unset without a reply.

// Nobody need be looking: such a request is no sign of life, so a left desk is logged out in time.
document.addEventListener("htmx:configRequest", (event) => {
  const { triggeringEvent, elt } = event.detail;
  if (triggeringEvent?.type === "refresh" || "unattended" in elt.dataset) event.detail.headers["X-Unattended"] = "1";
});

if (page.liveUrl && page.liveUrl !== "off" && window.EventSource) {
  const host = page.liveUrl.startsWith(":") ? `${location.protocol}//${location.hostname}` : "";
  listen({
    address: host + page.liveUrl,
    person: page.person,
    onHint: hear,
    onState(now) {
      if (now === stands) return;
      stands = now;
      document.documentElement.dataset.live = now ? "on" : "off";
      pollOn();
    },
  });
}
