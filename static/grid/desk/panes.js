/**
 * The panes: folded and unfolded, made wider and narrower by mouse or arrows, gone through in their order.
 * Widths are this browser's; what is folded stands in the address. Between 900 and 1200 px the map is a drawer.
 */
import { keep, told } from "./address.js";
import { focusList } from "./rows.js";

const WIDE = 1200;
const FORMS = { "is-middle": 1000, "is-narrow": 700, "is-slim": 460 }; // Narrower than that: no number, cards, short cards.
const panes = () => document.getElementById("panes");

export function toggle(name) {
  if (name === "map" && window.innerWidth < WIDE) {
    const isShown = panes().classList.toggle("show-map");
    if (isShown) document.getElementById("map-pane").focus();
    else focusList();
    return;
  }
  const folded = new Set(told("fold").split(".").filter(Boolean));
  if (folded.has(name)) folded.delete(name);
  else folded.add(name);
  panes().classList.toggle(`no-${name}`, folded.has(name));
  keep({ fold: [...folded].join(".") });
  if (folded.has(name)) focusList();
}

/** Close the drawer; false when there is none open. */
export function closeDrawer() {
  const wasShown = panes()?.classList.contains("show-map");
  panes()?.classList.remove("show-map");
  return !!wasShown;
}

/** To the pane on the right (1) or left (-1) of where the focus is. */
export function move(by) {
  const all = ["queues", "list-pane", "event-pane", "map-pane"]
    .map((id) => document.getElementById(id))
    .filter((pane) => pane?.offsetParent && pane.clientWidth);
  const here = all.findIndex((pane) => pane.contains(document.activeElement));
  const next = all[Math.max(0, Math.min(all.length - 1, (here < 0 ? 0 : here) + by))];
  if (next?.id === "list-pane") focusList();
  else if (next?.id === "queues") next.querySelector("[aria-current]")?.focus();
  else next?.focus();
}

// Widths ----------------------------------------------------------------------------------------

function setWidth(split, width) {
  const least = Number(split.getAttribute("aria-valuemin"));
  const most = Math.max(least, Math.min(Number(split.getAttribute("aria-valuemax")), window.innerWidth - 620));
  const wide = Math.round(Math.max(least, Math.min(width, most)));
  panes().style.setProperty(`--w-${split.dataset.split}`, `${wide}px`);
  split.setAttribute("aria-valuenow", wide);
  localStorage.setItem(`desk.width.${split.dataset.split}`, wide);
}

const controlled = (split) => document.getElementById(split.getAttribute("aria-controls"));

export function prepareWidths() {
  for (const split of document.querySelectorAll("[data-split]")) {
    const kept = Number(localStorage.getItem(`desk.width.${split.dataset.split}`));
    if (kept) setWidth(split, kept);
    else split.setAttribute("aria-valuenow", controlled(split).clientWidth || split.getAttribute("aria-valuenow"));
  }
}

document.addEventListener("keydown", (event) => {
  const split = event.target.closest?.("[data-split]");
  const by = { ArrowLeft: 24, ArrowRight: -24 }[event.key];
  if (!split || !by) return;
  event.preventDefault();
  setWidth(split, controlled(split).clientWidth + by);
});

document.addEventListener("pointerdown", (event) => {
  const split = event.target.closest?.("[data-split]");
  if (!split) return;
  event.preventDefault();
  split.setPointerCapture(event.pointerId);
  const start = event.clientX;
  const width = controlled(split).clientWidth;
  const drag = (at) => setWidth(split, width + start - at.clientX);
  const end = () => split.removeEventListener("pointermove", drag);
  split.addEventListener("pointermove", drag);
  split.addEventListener("pointerup", end, { once: true });
  split.addEventListener("pointercancel", end, { once: true });
});

const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (!contentRect.width) continue;
    for (const [form, width] of Object.entries(FORMS)) target.classList.toggle(form, contentRect.width < width);
    // Rows as cards are taller: the open one would leave the view.
    target.querySelector(".is-open")?.scrollIntoView({ block: "nearest" });
  }
});

/** The list pane is another element after each swap. */
export function watchWidth() {
  observer.disconnect();
  const list = document.getElementById("list-pane");
  if (list) observer.observe(list);
}
