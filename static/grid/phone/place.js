/**
 * Where a report is: the phone's position, corrected by dragging the pin, a place of the address book, or the own grid
 * where nothing better is known. `by` says which: "gps" | "pin" | "place" | "photo" | "grid".
 */
import { find, make, put } from "./dom.js";
import { gridAt } from "./grid.js";
import { useMap } from "./map-files.js";
import { locate } from "./position.js";
import { openSheet } from "./sheet.js";
import { word } from "./words.js";

const PAUSE_MS = 250;

/** The boundaries around the own grid: from the phone at once, anew when there is a network. */
export async function boundariesOf(app) {
  const code = app.me.area?.code ?? "";
  const within = code.slice(0, 9); // The own street.
  const kept = await app.api.kept("boundaries");
  const path = `boundaries/?within=${within}&level=grid`;
  const asked = app.api.read("boundaries", path).then(({ value }) => value);
  return kept?.path === path ? kept.value : await asked;
}

/** What the person is told about a place: {name, how}. */
export function told(place, boundaries, me) {
  if (!place) return { name: me.area?.path.slice(-2).join(" › ") ?? "", how: word("place_own_grid") };
  const grid = place.longitude === undefined ? null : gridAt(boundaries?.features ?? [], place.longitude, place.latitude);
  const name = [place.address, grid?.name ?? (place.longitude === undefined ? "" : word("grid_unknown"))].filter(Boolean).join(" · ");
  return { name: name || place.name || "", how: place.by === "gps" ? word("within_metres", { metres: Math.max(1, Math.round(place.metres)) }) : word(`place_by_${place.by}`) };
}

/**
 * The map over the screen. `point` {longitude, latitude} to begin with; `only` to look and not to choose; onTake(place)
 * with {longitude, latitude, by, address?}.
 */
export async function pickPlace(app, { point = null, only = false, name = "", onTake = () => {} }) {
  let stopLocating = () => {};
  const { element, close } = openSheet("map-sheet", { onClose: () => stopLocating() });
  const boundaries = await boundariesOf(app);
  let chosen = point && point.longitude !== null ? point : null;
  const say = () => {
    const words = told(chosen, boundaries, app.me);
    put(element, { name: only ? name : words.name, how: only ? "" : words.how });
    find(element, "take").disabled = !chosen;
  };
  const pick = (place) => {
    chosen = place;
    say();
  };
  element.querySelector(".sheet-tools").hidden = only;
  find(element, "take").hidden = only;
  let map;
  try {
    const { showMap } = await useMap();
    const own = app.me.area?.code;
    map = showMap(find(element, "map"), {
      boundaries: boundaries ?? undefined,
      own,
      point: chosen ? [chosen.longitude, chosen.latitude] : undefined,
      pick: only ? undefined : (longitude, latitude) => pick({ longitude, latitude, by: "pin" }),
      tiles: app.addresses.tiles,
    });
  } catch {
    find(element, "map").replaceChildren(make("p", { className: "nothing", textContent: word("no_map") }));
  }
  say();
  find(element, "here").addEventListener("click", () => {
    stopLocating();
    stopLocating = locate({
      onFix: (fix) => {
        map?.setPoint(fix.longitude, fix.latitude);
        pick({ ...fix, by: "gps" });
      },
      onProblem: (problem) => put(element, { how: word(`position_${problem}`) }),
    });
  });
  search(element, app, (place) => {
    if (place.longitude !== null) map?.setPoint(place.longitude, place.latitude);
    pick({ longitude: place.longitude ?? undefined, latitude: place.latitude ?? undefined, area_code: place.area_code, address: place.address, code: place.code, by: "place" });
  });
  find(element, "take").addEventListener("click", () => {
    onTake(chosen);
    close();
  });
}

/** Finds places of the address book while typing. */
function search(element, app, onPick) {
  const input = element.querySelector("#place-search");
  const list = find(element, "places");
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  async function look() {
    const wanted = input.value.trim();
    list.hidden = !wanted;
    if (!wanted) return;
    const answer = await app.ask({ path: `places/?q=${encodeURIComponent(wanted)}` });
    if (input.value.trim() !== wanted) return;
    const rows = answer.kind === "ok" ? (answer.body.results ?? answer.body) : [];
    const words = answer.kind === "ok" ? "no_place" : "offline";
    list.replaceChildren(
      ...(rows.length
        ? rows.slice(0, 6).map((place) => {
            const button = make("button", { type: "button" }, make("b", { textContent: place.name }), make("small", { textContent: place.address }));
            button.addEventListener("click", () => {
              list.hidden = true;
              input.value = place.name;
              onPick(place);
            });
            return make("li", {}, button);
          })
        : [make("li", { className: "nothing", textContent: word(words) })]),
    );
  }
}

