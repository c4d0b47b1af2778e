/**
 * A map of one place: boundaries, a point, and, where it is asked for, picking the point.
 * Coordinates are WGS84 degrees, longitude first. Without tiles the boundaries stand on a plain ground.
 * The page links leaflet/leaflet.css and grid/map.css.
 */
import * as L from "../leaflet/leaflet-src.esm.js";

const QUIET = { className: "map-area" };
const AT_ONCE = { animate: false }; // Leaflet drops a view that is set while it still moves to another.
const MARK = { className: "map-mark", radius: 5 };
const STRONG = { className: "map-area map-area-own" };

/**
 * Draws into `element`.
 *
 * options.boundaries  URL of a GeoJSON FeatureCollection, or the collection itself
 * options.under       URL of boundaries drawn beneath, to be looked at only
 * options.own         code of the area to draw strongly; all of them where it is left out
 * options.point       [longitude, latitude]
 * options.pick        called with (longitude, latitude) when a point is tapped, dragged, or chosen with Enter
 *                     (the middle of the map, so that it works without a mouse)
 * options.names       up to how many boundaries have their names written into them, where there is room
 * options.open        called with the properties of a boundary that is clicked
 * options.styles      class of a boundary by its property ``kind``, instead of own and quiet
 * options.tiles       tile template; also read from the element's data-tiles
 * options.label       what a screen reader is told the map shows
 *
 * Returns {map, setPoint(longitude, latitude), setBoundaries(boundaries, own)}.
 */
export function showMap(element, options = {}) {
  const map = L.map(element, { zoomSnap: 0.25, attributionControl: false, scrollWheelZoom: !!options.pick });
  const tiles = options.tiles ?? element.dataset.tiles;
  if (tiles) L.tileLayer(tiles, { maxZoom: 18 }).addTo(map);
  element.classList.toggle("map-plain", !tiles);
  if (options.label) element.setAttribute("aria-label", options.label);
  L.control.scale({ imperial: false }).addTo(map);
  map.setView([30.32, 120.24], 12);

  let own = options.own ?? element.dataset.own;
  let named = false;
  const layer = L.geoJSON(null, {
    style: ({ geometry, properties }) => {
      if (geometry.type === "Point") return MARK;
      return options.styles?.[properties.kind] ?? (!own || properties.code === own ? STRONG : QUIET);
    },
    onEachFeature: (feature, shape) => {
      const written = named && { permanent: true, direction: "center", className: "map-label" };
      shape.bindTooltip(feature.properties.name, written || { sticky: true, className: "map-name" });
      if (options.open) shape.on("click", () => options.open(feature.properties));
    },
    pointToLayer: (_feature, at) => L.circleMarker(at, MARK),
    interactive: !options.pick,
  }).addTo(map);
  let marker = null;

  function setPoint(longitude, latitude, { move = true } = {}) {
    if (!marker) {
      marker = L.marker([latitude, longitude], {
        icon: L.divIcon({ className: "map-pin", iconSize: [28, 36], iconAnchor: [14, 34] }),
        draggable: !!options.pick,
        keyboard: false,
      }).addTo(map);
      if (options.pick) {
        marker.on("dragend", () => {
          const at = marker.getLatLng();
          options.pick(at.lng, at.lat);
        });
      }
    }
    marker.setLatLng([latitude, longitude]);
    if (move && !map.getBounds().pad(-0.1).contains([latitude, longitude])) {
      map.setView([latitude, longitude], Math.max(map.getZoom(), 16), AT_ONCE);
    }
  }

  async function setBoundaries(boundaries, code = own) {
    own = code;
    const collection = typeof boundaries === "string" ? await fetched(boundaries) : boundaries;
    if (!collection) return;
    layer.clearLayers();
    named = collection.features.length <= (options.names ?? 0) && element.clientWidth > 600;
    layer.addData(collection);
    fit();
  }

  async function drawUnder(boundaries) {
    const collection = await fetched(boundaries);
    if (collection) L.geoJSON(collection, { style: QUIET, interactive: false }).addTo(map).bringToBack();
  }

  function fit() {
    const shapes = layer.getLayers();
    const wanted = own ? shapes.filter((shape) => shape.feature.properties.code === own) : shapes;
    const bounds = L.featureGroup(wanted.length ? wanted : shapes).getBounds();
    if (marker && bounds.isValid()) bounds.extend(marker.getLatLng());
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [18, 18], maxZoom: 17, ...AT_ONCE });
    else if (marker) map.setView(marker.getLatLng(), 16);
  }

  if (options.pick) {
    const choose = ({ lat, lng }) => {
      setPoint(lng, lat, { move: false });
      options.pick(lng, lat);
    };
    map.on("click", (event) => choose(event.latlng));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === element) {
        event.preventDefault();
        choose(map.getCenter());
      }
    });
  }
  if (options.point) {
    setPoint(...options.point, { move: false });
    map.setView([options.point[1], options.point[0]], 16);
  }
  if (options.boundaries) setBoundaries(options.boundaries);
  if (options.under) drawUnder(options.under);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
  return { map, setPoint, setBoundaries };
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** Every element with data-map draws itself from its data attributes. */
export function showMaps(root = document) {
  for (const element of root.querySelectorAll("[data-map]")) {
    const { boundaries, longitude, latitude } = element.dataset;
    const point = longitude && latitude ? [Number(longitude), Number(latitude)] : undefined;
    showMap(element, { boundaries, point });
  }
}
