// A list marked data-live asks for itself anew every ten seconds, and at once when its tab is looked at again.
// A hidden tab stays quiet. htmx keeps focus and scroll because rows keep their ids.

const EVERY_MS = 10_000;
const mark = document.querySelector("[data-live-mark]");

function refresh() {
  if (document.hidden || document.querySelector("details[data-menu][open]")) return;
  for (const list of document.querySelectorAll("[data-live]")) htmx.trigger(list, "refresh");
}

function show(connected) {
  for (const words of mark?.children ?? []) words.hidden = (words.dataset.when === "on") !== connected;
  mark?.classList.toggle("is-off", !connected);
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("htmx:afterRequest", (event) => show(event.detail.successful));

// Nobody need be looking: such a request is no sign of life, so a left desk is logged out in time.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.triggeringEvent?.type === "refresh") event.detail.headers["X-Unattended"] = "1";
});
