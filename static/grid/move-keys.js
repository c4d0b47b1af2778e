/**
 * The keys of a move's form: Enter outside of text, or Ctrl+Enter anywhere, sends; a digit chooses a ranked lead,
 * s swaps which of two compared events goes on.
 * Escape is the dialog's own, and keeps what was typed. Where the keys go first: an error, what the form marks
 * with data-focus, the first empty field it must have, else the button that sends.
 */
const OWN_ENTER = "textarea, a, button, summary, [contenteditable], [role=option], input[type=search], [data-item-picker]";
const TYPED = "textarea, input:not([type=radio]):not([type=checkbox]), select";

/** The form that the keys belong to: the one with the focus, else the one in the open dialog. */
function formOf(event) {
  return event.target.closest?.("[data-move-form]") || document.querySelector("dialog[open] [data-move-form]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const form = formOf(event);
  if (!form) return;
  const everywhere = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && !event.repeat && !event.shiftKey) {
    if (!everywhere && event.target.closest(OWN_ENTER)) return;
    event.preventDefault();
    form.querySelector("[data-send]")?.click();
  } else if (/^[1-9]$/.test(event.key) && !everywhere && !event.target.closest(TYPED)) {
    const choice = form.querySelector(`[data-digit="${event.key}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.focus();
    if (!choice.checked) choice.click();
  } else if (event.key === "s" && !everywhere && !event.target.closest(TYPED)) {
    form.querySelector("[data-swap]")?.click();
  }
});

export function focusFirst(form) {
  const marked = form.querySelector("[data-error]") || form.querySelector("[data-focus]");
  const required = [...form.querySelectorAll("[required]")].filter((field) => field.offsetParent); // Folded ones wait.
  const chosen = (field) => required.some((each) => each.name === field.name && each.checked);
  const needed = required.find((field) => (field.type === "radio" ? !chosen(field) : !field.value));
  const first = marked || needed || form.querySelector("[data-send]");
  first?.focus();
}
