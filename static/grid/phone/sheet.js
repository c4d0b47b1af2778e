/**
 * A second layer over the screen: the list of items, the map, the scanner. One at a time; Back and Escape leave it, and the
 * focus returns to what opened it. (`<dialog>` is newer than Safari 15.0.)
 */
import { fromTemplate, find } from "./dom.js";

let leave = null;

/** Shows the template; returns {element, close}. `onClose` runs however it ends. */
export function openSheet(name, { onClose = () => {} } = {}) {
  leave?.();
  const element = fromTemplate(name);
  const opener = document.activeElement;
  const main = document.querySelector(".app");
  const close = () => {
    if (leave !== close) return;
    leave = null;
    removeEventListener("popstate", close);
    removeEventListener("keydown", onKey);
    if (history.state?.sheet) history.back();
    element.remove();
    main.removeAttribute("aria-hidden");
    main.classList.remove("is-behind");
    if (opener?.isConnected) opener.focus();
    onClose();
  };
  const onKey = (event) => event.key === "Escape" && close();
  leave = close;
  history.pushState({ sheet: name }, "");
  addEventListener("popstate", close);
  addEventListener("keydown", onKey);
  main.setAttribute("aria-hidden", "true");
  main.classList.add("is-behind"); // Not to be seen, so not to be reached by Tab either.
  document.body.append(element);
  find(element, "close").addEventListener("click", close);
  (find(element, "first") ?? find(element, "close")).focus();
  return { element, close };
}
