/** The map library and its looks, fetched when the first map is opened and kept from then on. */

let loading = null;

export function useMap() {
  loading ??= load().catch((error) => {
    loading = null; // The next tap tries again.
    throw error;
  });
  return loading;
}

async function load() {
  const looks = document.body.dataset.mapCss.split(" ").map(
    (address) =>
      new Promise((resolve, reject) => {
        const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: resolve, onerror: reject });
        document.head.prepend(link); // Before the app's own, which decides.
      }),
  );
  const [{ showMap }, L] = await Promise.all([import("../map.js"), import("../../leaflet/leaflet-src.esm.js"), ...looks]);
  return { showMap, L };
}
