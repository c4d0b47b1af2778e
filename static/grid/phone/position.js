/** The phone's position: asked for only when somebody reports or sorts by distance, and kept nowhere else. */

const GOOD_METRES = 20;
const PATIENCE_MS = 12_000;
const FRESH_MS = 15_000;

/**
 * Tells `onFix({longitude, latitude, metres})` each better fix until one is good or time is up, or `onProblem("refused" |
 * "unknown")`. Returns a function that stops asking.
 */
export function locate({ onFix, onProblem, patience = PATIENCE_MS }) {
  if (!navigator.geolocation) {
    onProblem("unknown");
    return () => {};
  }
  let best = Infinity;
  const stop = () => {
    navigator.geolocation.clearWatch(watch);
    clearTimeout(timer);
  };
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      if (coords.accuracy >= best) return;
      best = coords.accuracy;
      onFix({ longitude: coords.longitude, latitude: coords.latitude, metres: coords.accuracy });
      if (best <= GOOD_METRES) stop();
    },
    (error) => {
      if (best < Infinity) return;
      stop();
      onProblem(error.code === error.PERMISSION_DENIED ? "refused" : "unknown");
    },
    { enableHighAccuracy: true, timeout: patience, maximumAge: FRESH_MS },
  );
  const timer = setTimeout(stop, patience);
  return stop;
}
