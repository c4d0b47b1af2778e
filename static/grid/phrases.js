/**
 * Phrases ready to be put into a text: at the caret, beside what was typed. Which lead and which deadline they name
 * is known only when they are put in.
 */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-phrase]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  insert(field, worded(button.closest("form"), button.dataset.text));
  count(button.closest("form"), button.dataset.phrase);
  button.closest("details").open = false;
});

document.addEventListener("keydown", (event) => {
  const list = event.target.closest?.("[data-phrases]");
  if (!list || !list.open) return;
  if (event.key === "Escape") {
    event.preventDefault(); // Only the list closes, not the window around it.
    event.stopPropagation();
    list.open = false;
    list.querySelector("summary").focus();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [list.querySelector("summary"), ...list.querySelectorAll("[data-phrase]")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
});

function worded(form, text) {
  const lead = form.querySelector("[name=lead]:checked");
  const due = form.querySelector("[data-due]");
  return text
    .split("{lead}").join(lead ? lead.dataset.name : "")
    .split("{deadline}").join(due ? due.dataset.due : "");
}

function insert(field, text) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  field.value = value.slice(0, from) + text + value.slice(to);
  field.focus();
  field.setSelectionRange(from + text.length, from + text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Told with the move, so that what is used often stands first. */
function count(form, key) {
  if (form.querySelector(`input[name=phrase][value="${key}"]`)) return;
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "phrase", value: key });
  form.append(hidden);
}
