// Choosing reports for an incident: all at once, the number that is ticked, and the part of the map to look at.
import { showMap } from "./map.js";
import { drawPoints } from "./incident-points.js";

const form = document.querySelector("[data-gather]");
const filters = document.querySelector("[data-gather-filters]");
const box = filters.querySelector("[data-box]");

if (form) {
  const boxes = [...form.querySelectorAll("[name=chosen]")];
  const all = form.querySelector("[data-all]");
  const show = () => {
    const ticked = boxes.filter((each) => each.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    form.querySelector("[data-count]").textContent = `${ticked} / ${boxes.length}`;
    form.querySelector("[data-send]").disabled = !ticked;
  };
  all.addEventListener("change", () => {
    for (const each of boxes) each.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  show();
}

const element = document.querySelector("#gather-map");
const { map } = showMap(element, { boundaries: element.dataset.boundaries });
const points = [...document.querySelectorAll("[data-found] li")].map((row) => ({
  longitude: Number(row.dataset.longitude),
  latitude: Number(row.dataset.latitude),
  state: row.dataset.state,
  name: row.textContent,
  open: () => {
    const tick = document.getElementById(`c-${row.dataset.id}`);
    tick.click();
    tick.focus();
  },
}));
drawPoints(map, points);

document.querySelector("[data-use-box]").addEventListener("click", () => {
  const seen = map.getBounds();
  box.value = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()].map((part) => part.toFixed(5)).join(",");
  filters.submit();
});
document.querySelector("[data-no-box]")?.addEventListener("click", () => {
  box.value = "";
});
