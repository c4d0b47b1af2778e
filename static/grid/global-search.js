/**
 * The search box of every page: what this person searched lately, kept in this browser only, and items and places
 * that match what is being typed. Arrow keys move, Enter takes or searches, Escape closes.
 */
const form = document.querySelector(".topbar-search");
if (form) attach(form, form.querySelector("input"));

function attach(form, input) {
  const store = `searches:${form.dataset.person}`;
  const MOST = 6;
  const list = document.createElement("ul");
  list.id = "global-search-options";
  list.className = "suggested";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }
  let active = -1;
  let asking = null;
  let waiting = 0;

  const shown = new URLSearchParams(location.search).get("q");
  if (shown && location.pathname === new URL(form.action).pathname) remember(shown);

  function lately() {
    try {
      const kept = JSON.parse(localStorage.getItem(store) || "[]");
      return Array.isArray(kept) ? kept.filter((words) => typeof words === "string") : [];
    } catch {
      return [];
    }
  }

  /** Never what may be a phone or an identity number. */
  function remember(words) {
    const wanted = words.trim();
    if (!wanted || wanted.length > 60 || /\d[\d ()+-]{6,16}[\dXx]/.test(wanted.replace(/\d{19,}/g, ""))) return;
    keep([wanted, ...lately().filter((other) => other !== wanted)].slice(0, MOST));
  }

  function keep(searches) {
    try {
      if (searches.length) localStorage.setItem(store, JSON.stringify(searches));
      else localStorage.removeItem(store);
    } catch {
      // A full or forbidden store only costs the list.
    }
  }

  function option({ label, more = "", icon, url }, at) {
    const row = document.createElement("li");
    row.id = `${list.id}-${at}`;
    row.dataset.url = url;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const sign = document.createElement("i");
    sign.className = `ti ti-${icon}`;
    sign.setAttribute("aria-hidden", "true");
    const name = document.createElement("b");
    name.textContent = label;
    const small = document.createElement("small");
    small.textContent = more;
    row.append(sign, name, small);
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => location.assign(url));
    return row;
  }

  function head() {
    const row = document.createElement("li");
    row.className = "suggested-head";
    row.setAttribute("role", "presentation");
    const title = document.createElement("span");
    title.textContent = form.dataset.recent;
    const forget = document.createElement("button");
    forget.type = "button";
    forget.textContent = form.dataset.forget;
    forget.addEventListener("pointerdown", (event) => event.preventDefault());
    forget.addEventListener("click", () => {
      keep([]);
      show([]);
    });
    row.append(title, forget);
    return row;
  }

  function show(rows, first = null) {
    list.replaceChildren(...(first ? [first] : []), ...rows.map(option));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    open(rows.length > 0);
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
  }

  function showLately() {
    const url = (words) => `${form.action}?${new URLSearchParams({ q: words })}`;
    show(lately().map((words) => ({ label: words, icon: "history", url: url(words) })), head());
  }

  async function suggest() {
    const typed = input.value.trim();
    if (asking) asking.abort();
    if (!typed) {
      showLately();
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggestions}?${new URLSearchParams({ q: typed })}`, {
        headers: { Accept: "application/json" },
        signal: asking.signal,
      });
      if (!answer.ok || answer.redirected) return;
      const { found } = await answer.json();
      if (document.activeElement === input) show(found);
    } catch {
      // Without the network there is nothing to suggest; Enter still searches.
    }
  }

  function move(to) {
    const rows = list.querySelectorAll("[role=option]");
    active = (to + rows.length) % rows.length;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", rows[active].id);
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(suggest, 120);
  });
  input.addEventListener("focus", suggest);
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter belongs to the Chinese input method.
    const rows = list.querySelectorAll("[role=option]");
    if (event.key === "Escape") {
      if (list.hidden) input.blur();
      open(false);
    } else if (list.hidden || !rows.length) return;
    else if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active < 0 ? rows.length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) location.assign(rows[active].dataset.url);
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (!input.value.trim()) event.preventDefault();
    else remember(input.value);
  });
}
