/**
 * An event page that is looked at says so every twenty seconds, says whether a form is open on it, and shows who else is
 * there. A hidden tab does not look.
 */
import { openForm } from "./open-form.js";

const EVERY_MS = 20_000;
let place = null;

function body(more) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  const form = new URLSearchParams();
  form.set("csrfmiddlewaretoken", token || document.querySelector("meta[name=csrf-token]").content);
  for (const name of more) form.set(name, "1");
  return form;
}

async function say() {
  const here = document.querySelector("[data-presence]");
  if (place && place.dataset.presence !== here?.dataset.presence) leave();
  place = here;
  if (!here || document.hidden) return;
  const dialog = document.getElementById("move-dialog");
  const works = openForm() && (!dialog || dialog.open);
  try {
    const answer = await fetch(here.dataset.presence, {
      method: "POST",
      body: body(works ? ["works"] : []),
      headers: { "X-Unattended": "1" },
      credentials: "same-origin",
    });
    if (!answer.ok || answer.redirected) return;
    const words = await answer.text();
    for (const each of [here, ...overIt()]) show(each, words);
  } catch {
    for (const each of [here, ...overIt()]) show(each, ""); // Nothing is known.
  }
}

/** The form that covers the event says it too. */
const overIt = () => document.querySelectorAll("#move-dialog [data-presence-over]");

/** Only what changed is written, so that nothing is read out twice. */
function show(here, words) {
  if (here.dataset.shown === words) return;
  here.dataset.shown = words;
  here.innerHTML = words;
}

function leave() {
  if (place) navigator.sendBeacon(place.dataset.presence, body(["leaves"]));
  place = null;
}

let soon = 0;
const saySoon = () => {
  clearTimeout(soon);
  soon = setTimeout(say, 150);
};

setInterval(say, EVERY_MS);
saySoon();
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : saySoon()));
document.addEventListener("htmx:afterSettle", saySoon);
document.getElementById("move-dialog")?.addEventListener("close", saySoon);
document.addEventListener("live:hint", ({ detail }) => {
  if (place && detail.events.some(([id]) => place.dataset.presence.includes(id))) saySoon();
});
