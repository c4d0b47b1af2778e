/** Events on a map as marks whose shape and colour tell the state. The page links grid/incidents.css. */
import * as L from "../leaflet/leaflet-src.esm.js";

const SHAPES = { reported: "inbox", accepted: "send", dispatched: "signature", handling: "tools", fed_back: "eye-check", closed: "circle-check", on_hold: "player-pause", rejected: "circle-x", merged: "git-merge", void: "ban" };

/** `points`: {longitude, latitude, state, name, open} each; `open` is called when a mark is chosen. Returns the layer. */
export function drawPoints(map, points) {
  const layer = L.layerGroup();
  for (const point of points) {
    const icon = document.createElement("i");
    icon.className = `ti ti-${SHAPES[point.state]}`;
    const mark = L.marker([point.latitude, point.longitude], {
      icon: L.divIcon({ className: `incident-point point-${point.state}`, html: icon, iconSize: [28, 28] }),
      title: point.name,
      alt: point.name,
    });
    if (point.open) mark.on("click", point.open);
    layer.addLayer(mark);
  }
  layer.addTo(map);
  return layer;
}
