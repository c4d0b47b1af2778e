// The page of an incident: one map of its reports, keys for the checklist and the log, print.
import { showMap } from "./map.js";
import { drawPoints } from "./incident-points.js";

const element = document.querySelector("#incident-map");
let layer = null;
let drawn = "";

async function drawReports(map) {
  const answer = await fetch(element.dataset.points, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer || !answer.ok) return;
  const text = await answer.text();
  if (text === drawn) return;
  drawn = text;
  const { features, without } = JSON.parse(text);
  if (layer) layer.remove();
  layer = drawPoints(
    map,
    features.map(({ geometry, properties }) => ({
      longitude: geometry.coordinates[0],
      latitude: geometry.coordinates[1],
      state: properties.state,
      name: properties.name,
      open: () => location.assign(`${element.dataset.event}${properties.id}/`),
    })),
  );
  const note = document.querySelector("[data-without]");
  note.hidden = !without;
  note.querySelector("b").textContent = without;
}

if (element) {
  const { map } = showMap(element, { boundaries: element.dataset.boundaries });
  drawReports(map);
  document.addEventListener("htmx:afterSwap", () => drawReports(map));
}

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (detail.successful && target.matches && target.matches("[data-note]")) target.reset();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("textarea")) wanted.focus();
  else wanted.click();
});

document.querySelector("[data-print]")?.addEventListener("click", () => print());
