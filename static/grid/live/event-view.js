/**
 * The event that is shown comes anew when somebody else moved it, beside the list or on its own page; not while a form
 * is open over it, while a recording plays in it, nor under the keyboard's focus: the next hint finds it free.
 */
import { openForm } from "./open-form.js";

const isBusy = (view) => {
  const focus = document.activeElement;
  const works = openForm() && document.getElementById("move-dialog")?.open !== false;
  const plays = [...view.querySelectorAll("audio, video")].some((player) => !player.paused);
  return works || plays || (focus !== view && view.contains(focus));
};

function again(view, options) {
  const scroller = view.querySelector(".event-scroll");
  const top = scroller?.scrollTop;
  const done = htmx.ajax("GET", options.url, {
    source: view,
    target: view,
    headers: { "X-Unattended": "1" },
    ...options.how,
  });
  done?.then(() => {
    const fresh = view.querySelector(".event-scroll");
    if (fresh && top) fresh.scrollTop = top;
  });
}

/** `events` of a hint; what this person did is shown by the page that did it. */
export function showAnew({ all, events }) {
  const concerns = (id) => all || events.some(([event, kind, , isMine]) => event === id && kind !== "presence" && !isMine);
  const pane = document.getElementById("event-pane");
  const id = pane?.querySelector("[data-event]")?.dataset.event;
  if (id && concerns(id) && !isBusy(pane) && !document.hidden) {
    const url = pane.dataset.page.replace("00000000-0000-0000-0000-000000000000", id);
    again(pane, { url, how: { swap: "innerHTML" } });
  }
  const view = document.getElementById("event-view");
  if (view && concerns(view.dataset.eventView) && !isBusy(view)) {
    again(view, { url: location.pathname, how: { swap: "outerHTML", select: "#event-view" } });
  }
}
