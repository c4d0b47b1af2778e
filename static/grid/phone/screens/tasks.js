/** What waits for me, as a list or on a map; kept on the phone, so that it can be read without a network. */
import { find, fromTemplate, make, put } from "../dom.js";
import { apart } from "../grid.js";
import { locate } from "../position.js";
import { showTasks } from "../task-map.js";
import { metres, moment, word } from "../words.js";

const WORK = ["checks", "verify", "rework", "orders", "samples"];

export async function show(root, app) {
  const view = fromTemplate("tasks");
  root.append(view);
  const sections = find(view, "sections");
  let tasks = null;
  let here = null; // Only while this screen is open.
  let drawing = Promise.resolve(); // The map, one time after the other: the first makes it.
  let stopLocating = () => {};

  const path = () => {
    const post = sessionStorage.getItem("grid-post");
    return `tasks/${post ? `?post=${encodeURIComponent(post)}` : ""}`;
  };
  const moving = async () => new Set((await app.outbox.list()).filter(({ kind }) => kind === "move").map(({ event }) => event));

  async function draw() {
    if (!tasks) return;
    const sent = await moving();
    const shown = tasks.queues.filter(({ events, count }) => events.length || count);
    sections.replaceChildren(...shown.map((queue) => section(queue, sent)));
    if (!shown.length) sections.append(fromTemplate("all-done"));
    if (!find(view, "map").hidden) drawMap();
    app.mark("tasks", tasks.queues.filter(({ name }) => WORK.includes(name)).reduce((sum, { count }) => sum + (count ?? 0), 0));
    choosePost();
  }

  function section(queue, sent) {
    const element = put(fromTemplate("section"), { label: queue.label, count: queue.count ?? "" });
    let events = queue.events;
    if (here) events = [...events].sort((a, b) => distance(a) - distance(b));
    find(element, "cards").append(...events.map((event) => card(event, { sent: sent.has(event.id), here })));
    if (queue.count > events.length) element.append(make("p", { className: "hint", textContent: word("first_of", { shown: events.length, count: queue.count }) }));
    return element;
  }

  const distance = (event) => (event.longitude === null ? Infinity : apart(here, event));

  function drawMap() {
    drawing = drawing.then(() => showTasks(find(view, "map"), tasks, { app, here, work: WORK })).catch(() => app.toast(word("offline")));
  }

  function choosePost() {
    const posts = tasks.posts ?? [];
    find(view, "posts").hidden = posts.length < 2;
    if (posts.length < 2) return;
    const select = find(view, "post");
    select.replaceChildren(...posts.map((post) => new Option(`${post.organization_name} · ${post.role_name}`, post.id, false, post.id === tasks.post)));
    select.onchange = () => {
      sessionStorage.setItem("grid-post", select.value);
      refresh();
    };
  }

  async function refresh() {
    const answer = await app.api.read("tasks", path());
    app.asOf(view, answer);
    if (answer.failure) app.said(answer.failure);
    if (answer.value) {
      tasks = answer.value;
      await draw();
    } else if (!tasks) sections.replaceChildren();
  }

  for (const button of view.querySelectorAll("[data-as]")) {
    button.addEventListener("click", () => {
      const asMap = button.dataset.as === "map";
      for (const other of view.querySelectorAll("[data-as]")) other.setAttribute("aria-pressed", String(other === button));
      find(view, "map").hidden = find(view, "map-words").hidden = !asMap;
      sections.hidden = asMap;
      if (asMap && tasks) drawMap();
    });
  }
  const near = find(view, "near");
  near.addEventListener("click", () => {
    stopLocating();
    const on = near.getAttribute("aria-pressed") !== "true";
    near.setAttribute("aria-pressed", String(on));
    find(view, "near-words").hidden = !on;
    here = null;
    if (!on) draw();
    else
      stopLocating = locate({
        onFix: (fix) => {
          here = fix;
          draw();
        },
        onProblem: (problem) => {
          near.setAttribute("aria-pressed", "false");
          app.toast(word(`position_${problem}`));
        },
      });
  });
  find(view, "refresh").addEventListener("click", () => {
    app.outbox.wake();
    refresh();
  });

  const kept = await app.api.kept("tasks");
  if (kept?.path === path()) {
    tasks = kept.value;
    await draw();
  }
  refresh();
  const onChange = () => draw();
  addEventListener("grid-outbox", onChange);
  addEventListener("grid-look", refresh);
  return () => {
    stopLocating();
    removeEventListener("grid-outbox", onChange);
    removeEventListener("grid-look", refresh);
  };
}

const FAR = new Date("2900-01-01"); // The end of a clock that stands still.

/** One event as a card. */
export function card(event, { sent = false, here = null } = {}) {
  const element = fromTemplate("card");
  find(element, "open").href = `#/event/${event.id}`;
  const away = here && event.longitude !== null ? metres(apart(here, event)) : "";
  put(element, {
    title: event.item_name,
    urgency: event.urgency === "normal" ? "" : event.urgency_name,
    description: event.description,
    place: [away, event.place, event.address].filter(Boolean).join(" · "),
    state: event.state_name,
    number: event.number,
    waiting: sent ? word("waiting_here") : "",
    answer: answerOf(event),
    note: event.note ? word("said", event.note) : "",
    ...dueOf(event),
  });
  element.classList.add(`is-${event.urgency}`);
  for (const mark of element.querySelectorAll("[data-put=urgency]")) mark.classList.add(`urgency-${event.urgency}`);
  for (const mark of element.querySelectorAll("[data-put=state]")) mark.classList.add(`state-${event.state}`);
  for (const mark of element.querySelectorAll("[data-put=due]")) mark.classList.toggle("is-late", Boolean(event.overdue));
  find(element, "answer").hidden = !answerOf(event);
  const [photo] = event.photos;
  if (photo) {
    const image = find(element, "thumb");
    image.src = photo.thumbnail;
    image.loading = "lazy";
    image.hidden = false;
    image.addEventListener("error", () => (image.hidden = true)); // Without a network.
  }
  return element;
}

/** The answer to the reporter, where the note does not say the same. */
export const answerOf = ({ answer, note }) => (answer === note?.text ? "" : answer);

export function dueOf(event) {
  if (!event.due || new Date(event.due) > FAR) return { due: "" };
  return { due: word(event.overdue ? "overdue_since" : "due_at", { at: moment(event.due) }) };
}
