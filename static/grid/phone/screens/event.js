/** One event with what I may do now: from the list when there is no network, anew when there is. */
import { find, fromTemplate, make, put } from "../dom.js";
import { Draft } from "../draft.js";
import { openSheet } from "../sheet.js";
import { moment, word } from "../words.js";
import { answerOf, dueOf } from "./tasks.js";
import { showMove } from "../move.js";

export async function show(root, app, [id, verb, key = `${verb}-${id}`]) {
  const tasks = await app.api.kept("tasks");
  const kept = await app.api.kept(`event-${id}`);
  const listed = listedIn(tasks?.value, id);
  let event = listed || kept ? merged(listed, kept?.value) : null;

  const draft = verb ? await Draft.open(app.store, key) : null;
  if (await draft?.isSent()) await draft.renew();
  let touched = false; // The form: what somebody typed stays, and the server judges it.

  const draw = async () => {
    root.replaceChildren();
    if (verb) {
      showMove(root, app, { event, verb, draft });
      for (const kind of ["input", "change"]) root.firstElementChild?.addEventListener(kind, () => (touched = true));
    } else await drawEvent(root, app, event);
  };
  if (event) await draw();

  const { turn } = app;
  /** The list has the words that are to be acted upon, and the answer; nobody waits for them. */
  const newestWords = async (whole) => {
    const fresh = await app.api.read("tasks", tasks.path);
    const again = listedIn(fresh.value, id);
    if (turn !== app.turn || again?.version !== whole.version) return;
    event = merged(again, whole);
    await draw();
  };

  const answer = await app.api.read(`event-${id}`, `events/${id}/`);
  if (turn !== app.turn) return; // Another screen is open by now.
  if (answer.value && (!event || !verb || (!touched && answer.value.version !== event.version))) {
    event = merged(listed, answer.value);
    await draw();
    if (!verb && tasks && listed?.version !== event.version) newestWords(answer.value);
  } else if (!event) {
    if (answer.failure && answer.failure !== "not_found") app.said(answer.failure);
    root.replaceChildren(make("p", { className: "nothing", textContent: word(answer.failure === "offline" ? "offline_empty" : "not_found") }));
  }
}

const listedIn = (tasks, id) => tasks?.queues.flatMap(({ events }) => events).find((event) => event.id === id);

/** The list's words and choices, over them the newest facts. */
function merged(listed, whole) {
  if (!whole || listed?.version > whole.version) return listed;
  const { note = null, answer = "" } = listed?.version === whole.version ? listed : {}; // Not the words of an older step.
  const photos = (whole.evidence ?? []).filter(({ received }) => received);
  return {
    ...listed,
    ...whole,
    photos,
    note,
    answer,
    actions: whole.allowed_actions,
    urgency_name: whole.urgency_name ?? listed?.urgency_name ?? "",
    overdue: new Date(whole.due) < new Date(),
  };
}

async function drawEvent(root, app, event) {
  const element = fromTemplate("event");
  const moves = (await app.outbox.list()).filter((record) => record.event === event.id && record.kind === "move");
  put(element, {
    title: event.item_name,
    urgency: event.urgency === "normal" ? "" : event.urgency_name,
    state: event.state_name,
    description: event.description,
    place: [event.place, event.address].filter(Boolean).join(" · "),
    occurred: event.occurred_at ? moment(event.occurred_at) : "",
    number: event.number,
    answer: answerOf(event),
    note: event.note ? word("said", event.note) : "",
    waiting: moves.length ? word("waiting_here") : "",
    photos_missing: event.photos_missing ? word("photos_missing", { count: event.photos_missing }) : "",
    problem: moves.map(({ problem }) => problem?.message).find(Boolean) ?? "",
    ...dueOf(event),
  });
  find(element, "answer").hidden = !answerOf(event);
  find(element, "photos-missing").hidden = !event.photos_missing;
  for (const mark of element.querySelectorAll("[data-put=urgency]")) mark.classList.add(`urgency-${event.urgency}`);
  for (const mark of element.querySelectorAll("[data-put=state]")) mark.classList.add(`state-${event.state}`);
  for (const mark of element.querySelectorAll("[data-put=due]")) mark.classList.toggle("is-late", Boolean(event.overdue));
  find(element, "photos").append(...event.photos.map((file) => piece(app, file)));
  const actions = event.actions.filter((action) => !moves.some(({ body }) => body.verb === action.verb));
  find(element, "actions").append(
    ...actions.map((action, at) => make("a", { href: `#/event/${event.id}/${action.verb}`, className: action.danger ? "button danger" : at ? "button" : "primary", textContent: action.label })),
  );
  if (event.longitude !== null && event.longitude !== undefined) {
    const way = find(element, "way");
    way.hidden = false;
    way.href = "#";
    way.addEventListener("click", (tap) => {
      tap.preventDefault();
      showPlace(app, event);
    });
  }
  find(element, "whole").href = `${app.addresses.home}events/${event.id}/`;
  root.append(element);
}

async function showPlace(app, event) {
  const { pickPlace } = await import("../place.js");
  pickPlace(app, { point: event, only: true, name: event.address || event.place });
}

/** A photo to look at whole, a voice or video to play, a document to fetch. */
function piece(app, file) {
  const { kind } = file;
  const name = app.kindName(kind);
  if (kind === "voice") return make("audio", { src: file.url, controls: true, preload: "none" });
  if (kind === "video") return make("video", { src: file.url, controls: true, preload: "none", playsInline: true });
  if (!file.thumbnail) return make("a", { href: file.url, className: "button", textContent: name });
  const image = make("img", { src: file.thumbnail, alt: name, loading: "lazy" });
  image.addEventListener("error", () => (image.hidden = true)); // Without a network; its name stays.
  const button = make("button", { type: "button", className: "photo" }, image, make("span", { textContent: name }));
  button.addEventListener("click", () => {
    const sheet = openSheet("photo-sheet");
    put(sheet.element, { title: name });
    const whole = make("img", { src: file.url, alt: name });
    whole.addEventListener("error", () => whole.replaceWith(make("p", { textContent: word("offline") })));
    find(sheet.element, "photo").append(whole);
  });
  return button;
}
