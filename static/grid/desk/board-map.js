/**
 * The map of the list: numbers by area for all events of the queue, its events one by one when near or few, the open
 * event with the boundary of its grid. A click on an area, or a box drawn with Shift held, filters the list; under the
 * map the areas stand as buttons too. Degrees are WGS84.
 */
import * as L from "../../leaflet/leaflet-src.esm.js";
import { changed, keep, look, told } from "./address.js";
import { openEvent } from "./event-pane.js";

const LEVELS = ["street", "community", "grid", "event"];
const FEW = 120; // So many events are drawn one by one from afar.
const CLOSER = 1.5; // Steps of zoom from one level to the next.
const SECONDS = 30_000; // A live list asks for its map no more often.
const AT_ONCE = { animate: false };
const OF_THE_LOOK = { open: "", fold: "", cols: "", density: "", group: "", closed: "", sort: "", at: "" }; // Of no other events.
let board = null;

const element = () => document.getElementById("board-map");
const words = () => document.getElementById("map-words").dataset;
const counted = (text, n) => text.replace("{n}", n);

class Board {
  constructor(box) {
    this.box = box;
    this.root = told("area") || box.dataset.root;
    this.asked = "";
    this.at = 0;
    this.total = Infinity;
    this.map = L.map(box, { zoomSnap: 0.25, maxZoom: 18, attributionControl: false, boxZoom: false }).setView([30.32, 120.24], 12);
    if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 18 }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    box.classList.toggle("map-plain", !box.dataset.tiles);
    this.areas = L.geoJSON(null, {
      style: { className: "map-area" },
      onEachFeature: ({ properties }, shape) => {
        shape.bindTooltip(properties.name, { sticky: true, className: "map-name" });
        shape.on("click", () => look({ area: properties.code }));
      },
    }).addTo(this.map);
    this.marks = L.layerGroup().addTo(this.map);
    this.chosen = L.layerGroup().addTo(this.map);
    this.map.on("moveend", () => {
      if (!this.fitted) return;
      if (this.isTouched && !this.isOwnMove) this.keepView();
      this.load();
    });
    box.addEventListener("pointerdown", (event) => this.startBox(event));
    for (const kind of ["pointerdown", "wheel", "keydown"]) box.addEventListener(kind, () => (this.isTouched = true), true);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === box) look({ box: boxOf(this.map.getBounds()) });
    });
    new ResizeObserver(() => this.byItself(() => this.map.invalidateSize(AT_ONCE))).observe(box);
  }

  /** Moves nobody made do not get into the address. */
  byItself(move) {
    this.isOwnMove = true;
    try {
      move();
    } finally {
      this.isOwnMove = false;
    }
  }

  keepView() {
    const { lat, lng } = this.map.getCenter();
    this.view = [rounded(lat), rounded(lng), this.map.getZoom()].join();
    keep({ at: this.view });
  }

  get base() {
    return this.root.length <= 6 ? 0 : this.root.length <= 9 ? 1 : 2;
  }

  /** Nearer, the parts are smaller; where all are few they stand one by one. */
  get level() {
    if (this.total <= FEW) return "event";
    const closer = Math.floor((this.map.getZoom() - this.farthest) / CLOSER);
    return LEVELS[Math.min(LEVELS.length - 1, this.base + Math.max(0, closer))];
  }

  /** Another list: everything anew. */
  async begin() {
    this.root = told("area") || this.box.dataset.root;
    this.view = told("at"); // At once: meanwhile the look at the former list must not get into this one's address.
    this.fitted = false;
    this.isTouched = false;
    this.total = Infinity;
    const parts = await this.ask({ level: LEVELS[this.base] });
    if (!parts) return;
    this.total = parts.areas.reduce((sum, area) => sum + area.number, 0);
    this.tellAreas(parts.areas);
    await this.drawAreas(this.root, LEVELS[this.base]);
    const shapes = this.areas.getBounds();
    const drawn = boxAsBounds(told("box"));
    if (drawn ?? shapes.isValid()) this.map.fitBounds(drawn ?? shapes, { paddingTopLeft: [46, 12], paddingBottomRight: [12, 12], ...AT_ONCE });
    this.farthest = this.map.getZoom();
    this.drawBox(drawn);
    const [latitude, longitude, zoom] = this.view.split(",").map(Number);
    if ([latitude, longitude, zoom].every(Number.isFinite)) this.map.setView([latitude, longitude], zoom, AT_ONCE);
    this.fitted = true;
    await this.load(parts);
  }

  async load(parts = null) {
    const level = this.level;
    if (level !== "event" && parts?.level !== level && this.drawnLevel !== level) await this.drawAreas(this.here(), level);
    const view = this.total > FEW ? { view: boxOf(this.map.getBounds()) } : {};
    const told_ = parts?.level === level ? parts : await this.ask(level === "event" ? { level, ...view } : { level });
    if (!told_ || told_.level !== this.level) return;
    this.marks.clearLayers();
    for (const area of told_.areas ?? []) this.drawNumber(area);
    for (const event of told_.events ?? []) this.drawEvent(event);
    this.tell(told_);
  }

  async ask(more) {
    const query = new URLSearchParams(changed({ ...OF_THE_LOOK, ...more }).split("?")[1] ?? "");
    const answer = await fetch(`${this.box.dataset.url}?${query}`).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }

  /** The area under the middle of the map, so that a district of small parts need not be drawn whole. */
  here() {
    const middle = this.map.getCenter();
    const found = this.areas.getLayers().find((shape) => shape.getBounds().contains(middle));
    return found?.feature.properties.code ?? this.root;
  }

  async drawAreas(within, level) {
    const url = `${this.box.dataset.boundaries}?within=${within}&level=${level}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const collection = await answer.json();
    if (level === LEVELS[this.base]) this.areas.clearLayers();
    this.areas.addData(collection);
    this.drawnLevel = level;
  }

  drawNumber(area) {
    const shape = this.areas.getLayers().find((each) => each.feature.properties.code === area.code);
    const at = shape ? shape.getBounds().getCenter() : area.latitude && [area.latitude, area.longitude];
    if (!at) return;
    const size = 26 + Math.min(22, Math.round(Math.sqrt(area.number) * 2));
    const icon = document.createElement("span");
    icon.className = `bubble${area.late ? " is-late" : ""}${area.critical ? " is-critical" : ""}`;
    icon.textContent = area.number;
    L.marker(at, { icon: L.divIcon({ className: "bubble-at", html: icon, iconSize: [size, size] }), keyboard: false })
      .bindTooltip(this.areaWords(area), { className: "map-name" })
      .on("click", () => look({ area: area.code }))
      .addTo(this.marks);
  }

  drawEvent(event) {
    const icon = document.createElement("span");
    icon.className = `dot dot-${event.urgency === "critical" ? "critical" : event.tone}`;
    L.marker([event.latitude, event.longitude], {
      icon: L.divIcon({ className: "dot-at", html: icon, iconSize: [18, 18] }),
      keyboard: false,
    })
      .bindTooltip([event.title, event.words].filter(Boolean).join(" · "), { className: "map-name" })
      .on("click", () => openEvent(event.id))
      .addTo(this.marks);
  }

  areaWords(area) {
    const { textLate, textCritical } = this.box.dataset;
    const more = [area.late && `${textLate} ${area.late}`, area.critical && `${textCritical} ${area.critical}`];
    return [area.name, counted(words().number, area.number), ...more.filter(Boolean)].join(" · ");
  }

  tell({ events, more }) {
    const hidden = events && !more && Number.isFinite(this.total) && this.total <= FEW ? this.total - events.length : 0;
    const said = [Number.isFinite(this.total) && counted(words().number, this.total)];
    if (hidden > 0) said.push(counted(words().pointless, hidden));
    if (more) said.push(words().more);
    said.push(words().hint);
    document.getElementById("map-signs").hidden = !events;
    document.getElementById("map-signs-areas").hidden = !!events;
    document.getElementById("map-said").textContent = said.filter(Boolean).join(" · ");
  }

  /** The same areas for those who use no map. */
  tellAreas(areas) {
    const rows = [...areas].sort((one, two) => two.number - one.number).map((area) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.append(Object.assign(document.createElement("span"), { textContent: area.name }));
      button.append(Object.assign(document.createElement("b"), { textContent: area.number }));
      if (area.late) button.append(Object.assign(document.createElement("em"), { textContent: `${this.box.dataset.textLate} ${area.late}` }));
      button.addEventListener("click", () => look({ area: area.code }));
      row.append(button);
      return row;
    });
    document.querySelector("#map-areas ol").replaceChildren(...rows);
    document.getElementById("map-areas").hidden = !rows.length;
  }

  // The open event ------------------------------------------------------------------------------

  async showEvent(scroll) {
    this.chosen.clearLayers();
    const data = scroll?.querySelector(".p-map [data-map]")?.dataset;
    if (!data) return;
    const answer = await fetch(data.boundaries, { headers: { Accept: "application/json" } }).catch(() => null);
    const grid = answer?.ok ? await answer.json() : { type: "FeatureCollection", features: [] };
    if (!scroll.isConnected) return;
    this.chosen.clearLayers();
    const shape = L.geoJSON(grid, { style: { className: "map-area map-area-own" }, interactive: false });
    shape.addTo(this.chosen);
    const at = data.longitude && [Number(data.latitude), Number(data.longitude)];
    if (at) {
      const icon = L.divIcon({ className: "map-pin", iconSize: [28, 36], iconAnchor: [14, 34] });
      L.marker(at, { icon, keyboard: false, interactive: false }).addTo(this.chosen);
    }
    const middle = at ?? (shape.getBounds().isValid() && shape.getBounds().getCenter());
    if (middle && !this.map.getBounds().pad(-0.08).contains(middle)) this.byItself(() => this.map.panTo(middle, AT_ONCE));
  }

  // The box -------------------------------------------------------------------------------------

  startBox(event) {
    if (!(this.armed || event.shiftKey) || event.button || event.target.closest(".leaflet-control")) return;
    event.preventDefault();
    event.stopPropagation();
    const start = this.map.mouseEventToLatLng(event);
    this.map.dragging.disable();
    const drag = (at) => this.drawBox(L.latLngBounds(start, this.map.mouseEventToLatLng(at)));
    const end = (at) => {
      document.removeEventListener("pointermove", drag);
      document.removeEventListener("pointerup", end);
      this.map.dragging.enable();
      this.arm(false);
      const bounds = L.latLngBounds(start, this.map.mouseEventToLatLng(at));
      const [west, south, east, north] = boxOf(bounds).split(",");
      if (west !== east && south !== north) look({ box: boxOf(bounds) });
      else this.drawBox(null);
    };
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", end);
  }

  arm(isArmed) {
    this.armed = isArmed;
    this.box.classList.toggle("is-drawing", isArmed);
    document.getElementById("draw-box").setAttribute("aria-pressed", isArmed);
  }

  drawBox(bounds) {
    this.drawn?.remove();
    this.drawn = bounds ? L.rectangle(bounds, { className: "map-box", interactive: false }).addTo(this.map) : null;
  }
}

const rounded = (degrees) => degrees.toFixed(5);
const boxOf = (bounds) =>
  [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map(rounded).join(",");

function boxAsBounds(text) {
  const [west, south, east, north] = text.split(",").map(Number);
  return Number.isFinite(north) ? L.latLngBounds([south, west], [north, east]) : null;
}

/** Bring the map to the list's state; a list that only came anew is asked for now and then. */
export function followMap(isAnother) {
  const box = element();
  watchPanes();
  if (!box?.offsetParent) return;
  if (board?.box !== box) board = new Board(box);
  const asked = changed(OF_THE_LOOK);
  if (isAnother && board.asked === asked && board.view) keep({ at: board.view }); // A form of the list does not know it.
  if (isAnother ? board.asked === asked : Date.now() - board.at < SECONDS) return;
  board.asked = asked;
  board.at = Date.now();
  if (!isAnother) {
    if (board.fitted) board.load();
    return;
  }
  board.view = "";
  board.begin();
}

// Shown again, or for the first time, the map has a size.
let watched = null;
const folding = new MutationObserver(() => followMap(true));
function watchPanes() {
  const panes = document.getElementById("panes");
  if (!panes || panes === watched) return;
  watched = panes;
  folding.observe(panes, { attributes: true, attributeFilter: ["class"] });
}

export const draw = () => board?.arm(!board.armed);
export const clearBox = () => look({ box: "" });

document.addEventListener("event-moved", () => {
  if (board) board.at = 0;
});
document.addEventListener("desk:event", ({ detail }) => board?.showEvent(detail.scroll));
