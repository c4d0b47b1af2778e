/**
 * Which grid a point is in, from boundaries kept on the phone: GeoJSON, WGS84, longitude first. Those are of the own
 * street; anywhere else the server will know. A point on a border belongs to the first area that holds it; the server decides.
 */

/** features: of a FeatureCollection. Returns {code, name} or null. */
export function gridAt(features, longitude, latitude) {
  const found = features.find(({ geometry }) => holds(geometry, longitude, latitude));
  return found ? found.properties : null;
}

function holds({ type, coordinates }, x, y) {
  const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  return polygons.some(([shell, ...holes]) => isIn(shell, x, y) && !holes.some((hole) => isIn(hole, x, y)));
}

/** Even-odd: a ray to the east crosses the ring an odd number of times. */
function isIn(ring, x, y) {
  let inside = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
    const [ax, ay] = ring[at];
    const [bx, by] = ring[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

const METRES_OF_A_DEGREE = 111_320;

/** Metres between two points a short way apart. */
export function apart(a, b) {
  const narrow = Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot((a.longitude - b.longitude) * narrow, a.latitude - b.latitude) * METRES_OF_A_DEGREE;
}
