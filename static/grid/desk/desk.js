// The desk: what each key and button does, and what is put right after htmx has replaced a part of the page.
import { clearBox, draw, followMap } from "./board-map.js";
import { act, closeEvent, compare, follow, moreActions, openEvent, openId, opensBeside } from "./event-pane.js";
import { listen } from "./keys.js";
import { closeDrawer, move, prepareWidths, toggle, watchWidth } from "./panes.js";
import { currentId, focusList, fold, foldCurrent, pick, readFolded, restore, step } from "./rows.js";

const byId = (id) => document.getElementById(id);

function toggleViews() {
  const menu = byId("views-menu");
  if (!menu) return;
  menu.hidden = !menu.hidden;
  byId("views-button").setAttribute("aria-expanded", !menu.hidden);
  if (menu.hidden) focusList();
  else (menu.querySelector("a") ?? menu.querySelector('input[name="name"]')).focus();
}

/** On an event that is not open yet the key opens it first. */
function actOn(n) {
  if (openId()) act(n);
  else if (currentId() && opensBeside()) openEvent(currentId(), { then: () => act(n) });
}

const does = {
  down: () => step(1) || document.querySelector("[data-next-page]")?.focus(),
  up: () => step(-1),
  open: () => {
    if (!currentId()) return;
    if (opensBeside()) openEvent(currentId());
    else byId(`e-${currentId()}`).click();
  },
  back: () => {
    const views = byId("views-menu");
    if (views && !views.hidden) toggleViews();
    else if (closeDrawer() || !closeEvent()) focusList();
  },
  select: () => pick(),
  fold: () => foldCurrent(),
  next_page: () => document.querySelector("[data-next-page]")?.click(),
  first_page: () => document.querySelector("[data-first-page]")?.click(),
  first_action: () => actOn(0),
  action: (key) => actOn(Number(key) - 1),
  compare,
  more_actions: () => moreActions(),
  whole: () => {
    const id = openId() || currentId();
    const link = byId(`e-${id}`);
    if (id) location.assign(link?.href ?? byId("event-pane").querySelector('[data-do="whole"]').href);
  },
  search: () => byId("filter-q")?.focus(),
  sort: () => byId("list-sort")?.focus(),
  views: toggleViews,
  map: () => toggle("map"),
  queues: () => toggle("queues"),
  pane_back: () => move(-1),
  pane_on: () => move(1),
  refresh: () => htmx.trigger("#queue-list", "refresh"),
  keys: () => byId("keys").showModal(),
  close_keys: () => byId("keys").close(),
  queue: (key) => document.querySelector(`#queues [data-queue-key="${key}"]`)?.click(),
  draw,
  clear_box: clearBox,
};

document.addEventListener("click", (event) => {
  const group = event.target.closest("[data-group]");
  if (group) fold(group);
  const button = event.target.closest("button[data-do]");
  if (button) does[button.dataset.do]?.();
  if (event.target.id === "keys") byId("keys").close(); // Its ground, outside of what it says.
});

// A menu that is open while its form is sent stays open, and the focus in it: htmx cannot give it back while it is shut.
let openMenus = [];
let inMenu = "";
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "desk") return;
  openMenus = [...detail.target.querySelectorAll("details[data-menu][open]")].map((menu) => menu.id);
  inMenu = document.activeElement?.closest("details[data-menu]") ? document.activeElement.id : "";
});
/** On a phone the queues are a strip: the chosen one in it. */
const showQueue = () => document.querySelector("#queues [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!["desk", "queue-list"].includes(detail.target?.id)) return; // None where htmx goes back in history.
  for (const id of openMenus.splice(0)) byId(id)?.setAttribute("open", "");
  if (inMenu) byId(inMenu)?.focus();
  inMenu = "";
  watchWidth();
  restore();
  showQueue();
  if (detail.target.id === "desk") setTimeout(followAddress); // When it has followed.
  setTimeout(() => followMap(detail.target.id === "desk"));
});
function followAddress() {
  readFolded();
  restore();
  follow();
}
// Settling gives the list pane the classes it was sent with, and so takes those of its width.
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "desk" && watchWidth());
document.addEventListener("htmx:historyRestore", () => setTimeout(start));

function start() {
  if (!byId("panes")) return;
  prepareWidths();
  showQueue();
  watchWidth();
  followAddress();
  followMap(true);
}

listen(does);
start();
