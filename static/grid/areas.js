/** The map of the area browser: a click opens the area. Of an import: what is new, changed and ended in colour. */
import { showMap } from "./map.js";

const KINDS = ["new", "changed", "ended"];
const styles = Object.fromEntries(KINDS.map((kind) => [kind, { className: `map-area map-area-${kind}` }]));

const browser = document.querySelector("[data-areas]");
if (browser) {
  const { boundaries, own, open, label } = browser.dataset;
  showMap(browser, {
    boundaries,
    own: own || "-", // without one of its own all are drawn quietly
    label,
    names: 30,
    open: ({ code }) => {
      if (code !== own) location.assign(open.replace("000000", code));
    },
  });
}

/** The report of a dry run comes by htmx when a worker has done it. */
function drawChange() {
  const change = document.querySelector("[data-area-change]:not(.leaflet-container)");
  if (change) showMap(change, { boundaries: change.dataset.boundaries, label: change.dataset.label, styles });
}
document.addEventListener("htmx:afterSwap", drawChange);
drawChange();

const tree = document.querySelector("#area-tree");
const current = tree?.querySelector("[aria-current]");
if (current) tree.scrollTop = current.offsetTop - tree.offsetTop - tree.clientHeight / 3;
