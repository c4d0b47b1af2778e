/**
 * The rows of the list: one of them is current and has the only stop of the Tab key, the open one is selected,
 * folded groups stand in the address (ticked boxes: bulk.js). "desk:rows" on the document tells that rows came anew.
 */
import { keep, told } from "./address.js";

let folded = new Set();
let foldedBy = "";
let current = "";

const links = () => [...document.querySelectorAll('#queue-list a[id^="e-"]')];
const shown = () => links().filter((link) => link.offsetParent !== null);
const idOf = (link) => link.id.slice(2);

export const currentId = () => current;

/** The key of the row after this one, else of the one before it, else "". */
export function neighbour(id) {
  const all = shown();
  const here = all.findIndex((link) => idOf(link) === id);
  const next = all[here + 1] ?? all[here - 1];
  return here >= 0 && next ? idOf(next) : "";
}

/** Make a row the current one; with `focus` go there. */
export function makeCurrent(id, { focus = true } = {}) {
  current = id;
  for (const link of links()) {
    const isHere = idOf(link) === id;
    link.tabIndex = isHere ? 0 : -1;
    link.closest("tr").classList.toggle("is-current", isHere);
    if (isHere && focus) {
      link.focus({ preventScroll: true });
      link.closest("tr").scrollIntoView({ block: "nearest" });
    }
  }
}

/** One row on or back; into the list, where the focus is not there yet. False at the end of the page. */
export function step(by) {
  const all = shown();
  const here = all.findIndex((link) => idOf(link) === current);
  const isThere = all.includes(document.activeElement) || (current && current === told("open"));
  const next = all[isThere ? here + by : Math.max(0, here)];
  if (next) makeCurrent(idOf(next));
  return !!next;
}

export function focusList() {
  const link = shown().find((each) => idOf(each) === current) ?? shown()[0];
  if (link) makeCurrent(idOf(link));
  else document.getElementById("list-pane")?.focus();
}

/** The open event's row is the selected one. */
export function showOpen(id) {
  for (const row of document.querySelectorAll("#queue-list [data-row]")) {
    const isOpen = row.dataset.row === id;
    row.setAttribute("aria-selected", isOpen);
    row.classList.toggle("is-open", isOpen);
  }
}

export function pick() {
  const box = document.getElementById(`row-${current}`)?.querySelector("[data-bulk-row]");
  if (box) box.click();
}

/** What the address tells is folded: "item:10101,10203". */
export function readFolded() {
  const [by, keys] = told("closed").split(":");
  foldedBy = by;
  folded = new Set(keys?.split(",").filter(Boolean));
}

/** Fold or unfold a group by its button. */
export function fold(button) {
  const isOpen = button.getAttribute("aria-expanded") !== "true";
  if (foldedBy !== told("group")) folded.clear();
  foldedBy = told("group");
  if (isOpen) folded.delete(button.dataset.group);
  else folded.add(button.dataset.group);
  keep({ closed: folded.size ? `${foldedBy}:${[...folded].join(",")}` : "" });
  showFolded(button, isOpen);
}

export function foldCurrent() {
  const body = document.getElementById(`e-${current}`)?.closest("tbody");
  const button = (body ?? document).querySelector("#queue-list [data-group]");
  if (!button) return;
  fold(button);
  if (button.getAttribute("aria-expanded") === "false") button.focus();
  else focusList();
}

function showFolded(button, isOpen) {
  button.setAttribute("aria-expanded", isOpen);
  const rows = button.closest("tbody").querySelectorAll("tr:not(.group-row)");
  for (const row of rows) row.hidden = !isOpen;
}

/** After a swap: give the rows back what the person had done to them. */
export function restore() {
  for (const button of document.querySelectorAll("#queue-list [data-group]")) {
    const isOpen = foldedBy !== told("group") || !folded.has(button.dataset.group);
    if (isOpen !== (button.getAttribute("aria-expanded") === "true")) showFolded(button, isOpen);
  }
  const all = links();
  if (!all.some((link) => idOf(link) === current)) current = all.length ? idOf(all[0]) : "";
  makeCurrent(current, { focus: false });
  showOpen(told("open"));
  document.dispatchEvent(new CustomEvent("desk:rows"));
}

document.addEventListener("focusin", (event) => {
  const link = event.target.closest?.('#queue-list a[id^="e-"]');
  if (link && idOf(link) !== current) makeCurrent(idOf(link), { focus: false });
});
