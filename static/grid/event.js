// The event page: its map, its photos, its moves, and printing.
import { showMaps } from "./map.js";
import { openable } from "./photos.js";
import "./move.js";

showMaps();
for (const panel of document.querySelectorAll("[data-photos]")) openable(panel);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
