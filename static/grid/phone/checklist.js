/**
 * The checklist on this phone: proposals while typing, and the whole list to look through. It is kept with its hints, so
 * that both work without a network.
 */
import { indexOf } from "../item-search.js";
import { find, make } from "./dom.js";
import { propose } from "./propose.js";
import { openSheet } from "./sheet.js";
import { word } from "./words.js";

const RECENTS = 5;
const SHOWN = 4;

export const nameOf = (item) => (document.documentElement.lang.startsWith("zh") ? item.name_zh : item.name_en || item.name_zh);

export class Checklist {
  items = [];
  hints = null;
  recents = [];

  constructor(app) {
    this.app = app;
  }

  /** What is kept at once, the newest as soon as it is there. Resolves when there is a list, or none can be had. */
  async load(onNew = () => {}) {
    const { api, store } = this.app;
    this.recents = (await store.get("cache", "recent-items"))?.codes ?? [];
    this.items = (await api.kept("items"))?.value ?? [];
    this.hints = (await api.kept("hints"))?.value ?? null;
    const fresh = Promise.all([api.read("items", "items/"), api.read("hints", "items/hints/")]).then(([items, hints]) => {
      this.items = items.value ?? this.items;
      this.hints = hints.value ?? this.hints;
      if (items.isNew || hints.isNew) onNew();
    });
    if (!this.items.length) await fresh;
  }

  byCode(code) {
    return this.items.find((item) => item.code === code) ?? null;
  }

  /** The likeliest items for these words; for none, what was used lately and what is usual here. */
  proposals(text, { place = null } = {}) {
    const { items, recents, hints } = this;
    const asked = { items, recents, hints: hints?.words, usual: hints?.usual, placeItems: place?.usual_items, most: SHOWN };
    return propose(text, asked).map(({ item }) => item);
  }

  async used(code) {
    this.recents = [code, ...this.recents.filter((other) => other !== code)].slice(0, RECENTS);
    await this.app.store.put("cache", { id: "recent-items", codes: this.recents }).catch(() => {});
  }

  /** The whole list over the screen; onPick(item). */
  browse(onPick) {
    const { element, close } = openSheet("items-sheet");
    const list = find(element, "list");
    const search = indexOf(this.items);
    const row = (item) => {
      const button = make("button", { type: "button" }, make("span", { textContent: nameOf(item) }), make("small", { textContent: item.category }));
      button.addEventListener("click", () => {
        close();
        onPick(item);
      });
      return button;
    };
    const draw = (text) => {
      const found = text ? search(text, 30) : [];
      if (text) list.replaceChildren(...(found.length ? found.map(row) : [make("p", { className: "nothing", textContent: word("nothing_found") })]));
      else list.replaceChildren(...grouped(this.items).flatMap(([name, items]) => [make("h3", { textContent: name }), ...items.map(row)]));
    };
    const input = element.querySelector("input");
    input.addEventListener("input", () => draw(input.value.trim()));
    draw("");
  }
}

function grouped(items) {
  const groups = new Map();
  for (const item of items) groups.set(item.category, [...(groups.get(item.category) ?? []), item]);
  return groups.size ? [...groups] : [];
}
