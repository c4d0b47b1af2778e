/**
 * The keys of an event's page: one for the first thing to do, one for the likeliest duplicate. A page says
 * which by data-key on what is clicked; nothing happens while something is typed or a window is open.
 */
const TYPED = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest(TYPED); // That of a window just closed has the focus for a moment more.
  if (field?.getClientRects().length) return;
  if (document.querySelector("dialog[open]") || event.key.length !== 1) return;
  const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const target = named || (event.key === "a" && document.querySelector(".p-actions .btn-first"));
  if (!target) return;
  event.preventDefault();
  target.click();
});
