/** The maps of the address book: the places of an area as points, and the point of one place. */
import { showMap } from "./map.js";

const many = document.querySelector("[data-places-map]");
if (many) {
  const { placesMap, boundaries, open, label } = many.dataset;
  showMap(many, {
    boundaries: placesMap,
    under: boundaries,
    own: "-",
    label,
    open: ({ code }) => location.assign(open.replace("CODE", encodeURIComponent(code))),
  });
}

const one = document.querySelector("[data-place-map]");
if (one) {
  const { longitude, latitude, boundaries, own, label } = one.dataset;
  showMap(one, { boundaries, own, label, point: longitude ? [Number(longitude), Number(latitude)] : undefined });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
