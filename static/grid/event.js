// The event page: its map, its photos, its moves, and printing.
import "./event-keys.js";
import { showMaps } from "./map.js";
import { openable } from "./photos.js";
import "./move.js";

function begin() {
  showMaps();
  for (const panel of document.querySelectorAll("[data-photos]")) openable(panel);
}

begin();
document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.id === "event-view" && begin());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  // A photo beside its step opens in the viewer, where it stands among the others.
  const small = event.target.closest("[data-photo-link]");
  const photo = small && document.querySelector(`a[data-photo][href="${small.getAttribute("href")}"]`);
  if (photo) {
    event.preventDefault();
    photo.click();
  }
});
