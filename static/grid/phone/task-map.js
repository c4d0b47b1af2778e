/** The tasks on a map: a point for each, the own area drawn strongly. */
import { make } from "./dom.js";
import { useMap } from "./map-files.js";
import { word } from "./words.js";

const drawn = new WeakMap();

/** Draws the events that have a point, large those of the queues named in `work`; here: the phone's position or null. */
export async function showTasks(element, tasks, { app, here, work }) {
  const { L, showMap } = await useMap();
  const area = app.me.area?.code ?? "";
  let map = drawn.get(element);
  if (!map) {
    const around = area.length > 12 ? area.slice(0, 12) : area;
    const boundaries = `boundaries/?within=${around}&level=grid`;
    const kept = await app.api.read("boundaries-map", boundaries);
    map = showMap(element, { boundaries: kept.value ?? undefined, own: area, tiles: app.addresses.tiles });
    map.points = L.layerGroup().addTo(map.map);
    drawn.set(element, map);
  }
  map.points.clearLayers();
  const events = tasks.queues.flatMap((queue) => queue.events).filter(({ longitude, area_code: code }) => longitude !== null && code.startsWith(area));
  const mine = new Set(tasks.queues.filter(({ name }) => work.includes(name)).flatMap((queue) => queue.events.map(({ id }) => id)));
  const unique = [...new Map(events.map((event) => [event.id, event])).values()];
  unique.sort((one, other) => mine.has(one.id) - mine.has(other.id)); // What is to be done lies on top.
  for (const event of unique) {
    const link = make("a", { href: `#/event/${event.id}`, textContent: event.item_name });
    const popup = make("div", {}, link, make("p", { textContent: event.address || event.place }));
    L.circleMarker([event.latitude, event.longitude], { className: `task-point task-${event.urgency}${mine.has(event.id) ? "" : " task-other"}`, radius: mine.has(event.id) ? 11 : 6 })
      .bindPopup(popup)
      .bindTooltip(event.item_name)
      .addTo(map.points);
  }
  if (here) L.circleMarker([here.latitude, here.longitude], { className: "task-here", radius: 7 }).bindTooltip(word("here")).addTo(map.points);
  const all = [...unique, ...(here ? [here] : [])].map(({ latitude, longitude }) => [latitude, longitude]);
  if (all.length) map.map.fitBounds(all, { padding: [40, 40], maxZoom: 17, animate: false });
  return map;
}
