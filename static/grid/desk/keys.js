/**
 * The keys. Which key does what is told by the rows of the overlay (#keys), made from desks/desk_keys.py; `does`
 * maps those names to functions. Nothing happens while somebody types, with a modifier held, or under a dialog.
 */
const TYPING = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]';
const OWN_KEYS = "[data-split], .map, #more-actions"; // They use the arrows, Enter and digits themselves.
const MOMENT = 1500; // How long a first key waits for its second one.
let first = "";
let waiting = 0;

export function listen(does) {
  const bound = new Map();
  for (const row of document.querySelectorAll("#keys [data-keys]")) {
    const keys = row.dataset.keys.split(" ");
    const isPair = row.dataset.does === "queue";
    for (const key of isPair ? [keys.join(" ")] : keys) bound.set(key, row.dataset.does);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    const at = event.target;
    if (document.querySelector("dialog[open]")) return;
    if (at.matches?.(TYPING)) {
      if (event.key === "Escape" && at.closest(".list-pane")) {
        at.blur();
        does.back();
      }
      return;
    }
    if (at.closest?.(OWN_KEYS) && event.key !== "Escape" && event.key.length > 1) return;
    if (event.key === "Enter" && at.matches?.('a:not([id^="e-"]), button, summary, [type="checkbox"]')) return;
    const pair = first && `${first} ${event.key}`;
    first = "";
    clearTimeout(waiting);
    if (event.key === "g") {
      first = "g";
      waiting = setTimeout(() => (first = ""), MOMENT);
      return;
    }
    const name = pair ? bound.get(pair) : bound.get(event.key);
    if (!name || !does[name]) return;
    event.preventDefault();
    does[name](event.key);
  });
}
