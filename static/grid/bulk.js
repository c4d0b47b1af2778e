// Ticks in a list, and the bar that does one thing with all of them. What is ticked stays ticked while the list
// asks for itself anew; an event that left the list is no longer chosen. Shift and click, or shift and space,
// ticks everything from the last tick on. On the page that asks before a dispatch: one organisation chosen for all
// takes the place of those proposed for each.

const ticked = new Set();
let last = null;
let shift = false;

const boxes = () => [...document.querySelectorAll("input[data-bulk-row]")];
const key = (box) => box.value.split(":")[0];

function show() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const rows = boxes();
  const chosen = rows.filter((box) => box.checked);
  for (const box of rows) box.closest("tr, li")?.classList.toggle("is-ticked", box.checked);
  bar.hidden = rows.length === 0;
  bar.classList.toggle("is-on", chosen.length > 0);
  bar.classList.toggle("is-idle", chosen.length === 0);
  bar.querySelector("[data-bulk-none]").hidden = chosen.length > 0;
  bar.querySelector("[data-bulk-some]").hidden = chosen.length === 0;
  bar.querySelector("[data-bulk-number]").textContent = chosen.length;
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen.length === 0;
  const all = bar.querySelector("[data-bulk-all]");
  all.closest("label").hidden = rows.length === 0;
  all.checked = rows.length > 0 && chosen.length === rows.length;
  all.indeterminate = chosen.length > 0 && chosen.length < rows.length;
}

function remember(box, on) {
  box.checked = on;
  if (on) ticked.add(key(box));
  else ticked.delete(key(box));
}

document.addEventListener("click", (event) => { shift = event.shiftKey; }, true);

function showLead() {
  const lead = document.getElementById("bulk-lead");
  lead?.form.classList.toggle("is-one-lead", lead.value !== "");
}

document.addEventListener("change", (event) => {
  const box = event.target;
  showLead();
  if (box.matches("[data-bulk-all]")) {
    for (const row of boxes()) remember(row, box.checked);
  } else if (box.matches("[data-bulk-row]")) {
    const rows = boxes();
    const from = rows.findIndex((row) => key(row) === last);
    const to = rows.indexOf(box);
    const range = shift && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const row of range) remember(row, box.checked);
    last = key(box);
  } else {
    return;
  }
  show();
});

function restore() {
  const rows = boxes();
  const here = new Set(rows.map(key));
  for (const gone of [...ticked].filter((id) => !here.has(id))) ticked.delete(gone);
  for (const row of rows) row.checked = ticked.has(key(row));
  show();
}

document.addEventListener("htmx:afterSettle", restore);
window.addEventListener("pageshow", () => {
  for (const row of boxes()) if (row.checked) ticked.add(key(row));
  restore();
  showLead();
});
show();
