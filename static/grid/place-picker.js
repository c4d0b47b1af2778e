/**
 * A field that knows the address book: an ARIA combobox over the district's places, while somebody types.
 * What is typed stays a free text; arrow keys move, Enter takes, Escape closes, a tap takes too.
 */
const WAIT = 150; // Milliseconds after a key before the server is asked.

/**
 * input          the text field; its data-places is the URL of the list, data-found and data-none the words
 *                told to a screen reader ("{count}" is the number), data-failed those without a network
 * onPick         called with the place: {code, name, kind_name, address, longitude, latitude, area_code, path}
 * near           returns [longitude, latitude] of where to look first, or nothing
 */
export function attachPlacePicker(input, { onPick, near = () => null }) {
  const { places: url, found: foundWords = "", none = "", failed = "" } = input.dataset;
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.id = `${input.id}-places`;
  list.className = "place-options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0] ? input.labels[0].textContent.trim() : "");
  list.hidden = true;
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  input.after(list, said);
  input.autocomplete = "off";
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }
  let found = [];
  let active = -1;
  let timer = 0;
  let asked = 0;

  async function search() {
    const words = input.value.trim();
    const turn = ++asked;
    if (!words) {
      show([]);
      said.textContent = "";
      return;
    }
    const query = new URLSearchParams({ q: words });
    const point = near();
    if (point) {
      query.set("longitude", point[0]);
      query.set("latitude", point[1]);
    }
    const answer = await fetch(`${url}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const rows = answer && answer.ok ? await answer.json().catch(() => null) : null;
    if (turn !== asked || document.activeElement !== input) return; // Another key came meanwhile.
    show(rows || []);
    if (!rows) said.textContent = failed;
    else said.textContent = rows.length ? foundWords.replace("{count}", rows.length) : none;
  }

  function show(rows) {
    found = rows;
    list.replaceChildren(...rows.map(option));
    move(-1);
    open(rows.length > 0);
  }

  function option(place, at) {
    const row = document.createElement("li");
    row.id = `${list.id}-${at}`;
    row.setAttribute("role", "option");
    row.append(line("b", place.name), line("em", place.kind_name), line("small", place.path.join(" › ")));
    row.addEventListener("pointerdown", (event) => event.preventDefault()); // The field keeps the focus.
    row.addEventListener("click", () => take(at));
    return row;
  }

  function line(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    active = to;
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
  }

  function take(at) {
    const place = found[at];
    asked += 1;
    clearTimeout(timer);
    open(false);
    said.textContent = place.name;
    onPick(place);
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(search, WAIT);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
  input.addEventListener("blur", () => {
    asked += 1;
    clearTimeout(timer);
    open(false);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return; // Enter belongs to the Chinese input method, or to the form.
    const last = found.length - 1;
    if (event.key === "ArrowDown") move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") move(active <= 0 ? last : active - 1);
    else if (event.key === "Escape") open(false);
    else if (event.key === "Enter" && active >= 0) take(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
