/**
 * A search field over the checklist: an ARIA combobox with a list of what was found.
 * Arrow keys move, Enter takes, Escape closes.
 */
import { indexOf } from "./item-search.js";

const ITEMS = "/api/v1/items/";
let loading = null;

/** The checklist; from this browser's copy when the network is down. Loaded once per page. */
export function loadItems(url = ITEMS) {
  loading ??= fetchItems(url).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function fetchItems(url) {
  const place = `items:${document.documentElement.lang}`;
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    const items = JSON.parse(text);
    keep(place, text);
    return items;
  } catch (error) {
    const kept = localStorage.getItem(place);
    if (kept) return JSON.parse(kept);
    throw error;
  }
}

function keep(place, text) {
  try {
    localStorage.setItem(place, text);
  } catch {
    // A full or forbidden store only costs the copy.
  }
}

export function nameOf(item) {
  return (document.documentElement.lang.startsWith("en") && item.name_en) || item.name_zh;
}

/**
 * input    the text field; the list is put behind its parent's end
 * onPick   called with the item: {code, name_zh, name_en, platform_name, category, urgency, urgency_name,
 *          self_handle, evidence, sensitive, keywords}
 * items    URL of the list
 * words    {nothing_found, results, no_list}
 */
export function attachItemPicker(input, { onPick, items: url = ITEMS, words = {} }) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.id = `${input.id || "item"}-options`;
  list.className = "picker-options";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  said.className = "picker-said";
  said.setAttribute("role", "status");
  input.parentElement.append(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }
  let find = null;
  let found = [];
  let active = -1;

  async function search() {
    try {
      find ??= indexOf(await loadItems(url));
    } catch {
      say(words.no_list);
      return;
    }
    found = find(input.value);
    list.replaceChildren(...found.map(option));
    say(input.value.trim() && (found.length ? words.results?.replace("{count}", found.length) : words.nothing_found));
    said.classList.toggle("visually-hidden", found.length > 0);
    move(found.length ? 0 : -1);
    open(found.length > 0);
  }

  function option(item, at) {
    const row = document.createElement("li");
    row.id = `${list.id}-${at}`;
    row.setAttribute("role", "option");
    row.append(line("b", nameOf(item)), line("small", `${item.platform_name} · ${item.category}`));
    if (item.urgency !== "normal") row.append(line("em", item.urgency_name, `urgency urgency-${item.urgency}`));
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => take(at));
    return row;
  }

  function line(tag, text, className = "") {
    const element = document.createElement(tag);
    element.textContent = text;
    element.className = className;
    return element;
  }

  function say(text) {
    said.textContent = text || "";
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
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
    const item = found[at];
    open(false);
    say("");
    if (item) onPick(item);
  }

  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.value && search());
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter belongs to the Chinese input method.
    const last = found.length - 1;
    if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden) take(active);
    } else if (list.hidden || last < 0) return;
    else if (event.key === "ArrowDown") move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") move(active <= 0 ? last : active - 1);
    else if (event.key === "Escape") open(false);
    else return;
    if (event.key !== "Enter") event.preventDefault();
  });
}

/** The whole checklist in `element`: a tab per platform, items under their categories. */
export function showChecklist(element, items, onPick) {
  const platforms = Map.groupBy
    ? Map.groupBy(items, (item) => item.platform_name)
    : items.reduce((all, item) => all.set(item.platform_name, [...(all.get(item.platform_name) ?? []), item]), new Map());
  const tabs = document.createElement("div");
  const body = document.createElement("div");
  tabs.className = "browse-tabs";
  body.className = "browse-items";
  element.replaceChildren(tabs, body);

  function show(platform) {
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.textContent === platform));
    let category = "";
    body.replaceChildren();
    for (const item of platforms.get(platform)) {
      if (item.category !== category) {
        category = item.category;
        const heading = document.createElement("h3");
        heading.textContent = category;
        body.append(heading);
      }
      body.append(button(nameOf(item), () => onPick(item)));
    }
  }
  tabs.append(...[...platforms.keys()].map((platform) => button(platform, () => show(platform))));
  show(platforms.keys().next().value);
}

export function button(text, onClick) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}
