/** The form of one move, drawn from what the server says it needs; kept at every change and sent through the outbox like a report. */
import { find, fromTemplate, make, put } from "./dom.js";
import { StoreFullError } from "./store.js";
import { Tray } from "./tray.js";
import { listed, problemOf, word } from "./words.js";

const INPUTS = { text, evidence, date: typed, amount: typed, reason: choice, choice, urgency: choice, person: choice };

/** Draws the form into root; draft: what is in it. */
export function showMove(root, app, { event, verb, draft }) {
  const action = event.actions.find((other) => other.verb === verb);
  if (!action) {
    root.append(make("p", { className: "nothing", textContent: word("no_longer", { state: event.state_name }) }));
    return;
  }
  app.title(action.label);
  const form = fromTemplate("move");
  const { label, before, confirm, needs } = action;
  draft.about ??= { kind: "move", event: event.id, title: titleOf(action, event), body: { verb, data: {} } };
  put(form, { title: event.item_name, place: [event.place, event.address].filter(Boolean).join(" · "), verb: label, before, confirm });
  find(form, "confirm-row").hidden = !confirm;
  const fields = needs.filter(({ kind }) => INPUTS[kind]).map((need) => field(need, { app, event, draft }));
  if (needs.some(({ kind, required }) => required && !INPUTS[kind])) {
    const hint = fromTemplate("elsewhere");
    find(hint, "link").href = `${app.addresses.home}events/${event.id}/moves/${verb}/`;
    form.querySelector(".primary").hidden = true;
    find(form, "needs").append(hint);
  } else find(form, "needs").append(...fields.map(({ element }) => element));
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, ({ target }) => target.name && draft.set({ [target.name]: target.value }));
  }
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    send(form, fields, { app, event, action, draft });
  });
  find(form, "restored").hidden = draft.isEmpty;
  find(form, "discard").addEventListener("click", async () => {
    await draft.clear();
    app.open();
  });
  say(form, problemOf(draft.about));
  root.append(form);
}

const titleOf = ({ label }, event) => `${label} · ${event.item_name}`;

function say(form, words) {
  find(form, "problem").textContent = words;
  find(form, "problem").hidden = !words;
}

async function send(form, fields, { app, event, action, draft }) {
  const button = form.querySelector(".primary");
  const isConfirmed = !action.confirm || find(form, "confirm").checked;
  say(form, isConfirmed ? "" : word("confirm_first"));
  const problems = fields.filter((each) => each.lacks(fields));
  if (button.disabled || problems.length || !isConfirmed) {
    problems[0]?.element.scrollIntoView({ block: "center" });
    return;
  }
  button.disabled = true;
  try {
    if (await draft.isSent()) {
      // What was written here meanwhile is another move: whoever wrote it decides again, and nothing is taken for a repeat.
      if (!(await draft.renew())) throw new StoreFullError();
      app.toast(word("sent_elsewhere"));
      app.open();
      return;
    }
    const files = (await Promise.all(fields.map(({ files: some }) => some?.() ?? []))).flat();
    const data = Object.assign({}, ...fields.map(({ value }) => value()));
    const { id } = draft;
    await app.outbox.addMove({ id, event: event.id, verb: action.verb, data, version: event.version, files, title: titleOf(action, event) }, { draft });
    app.toast(word(app.failure === "offline" ? "kept_for_later" : "on_its_way"));
    app.go("#/tasks");
  } catch (error) {
    say(form, word(error.name === "StoreFullError" ? "store_full" : "not_kept"));
    button.disabled = false;
  }
}

/**
 * One input: {need, element, value() -> {name: …}, files()?, isEmpty(), lacks(all fields) -> whether something is missing,
 * which it says}.
 */
function field(need, { app, event, draft }) {
  const element = put(fromTemplate("need"), {
    label: [need.label, need.unit && `(${need.unit})`, !need.required && word("optional")].filter(Boolean).join(" "),
    help: need.kind === "evidence" ? "" : need.help,
  });
  const { data } = draft.about.body;
  const kept = draft.fields[need.name] ?? data[need.name] ?? "";
  const place = find(element, "input");
  const input = INPUTS[need.kind](need, { place, label: element.querySelector(".label"), kept, app, event, draft });
  const isEmpty = input.isEmpty ?? (() => Object.values(input.value()).every((value) => value === ""));
  return {
    need,
    element,
    ...input,
    isEmpty,
    lacks(fields) {
      const instead = fields.find((other) => other.need.name === need.instead);
      const isMissing = isEmpty() && ((need.required && need.kind !== "evidence") || Boolean(instead?.isEmpty()));
      const problem = isMissing ? word("is_needed") : (input.problem?.() ?? "");
      put(element, { problem });
      return Boolean(problem);
    },
  };
}

function text(need, { place, label, kept }) {
  const area = make("textarea", { rows: 3, id: `need-${need.name}`, name: need.name, maxLength: need.max_length, value: kept });
  label.htmlFor = area.id;
  place.append(area);
  return { value: () => ({ [need.name]: area.value.trim() }) };
}

function typed(need, { place, label, kept }) {
  const type = need.kind === "date" ? "date" : "number";
  const input = make("input", { type, id: `need-${need.name}`, name: need.name, min: need.min ?? "", max: need.max ?? "", value: kept });
  label.htmlFor = input.id;
  place.append(input);
  return { value: () => ({ [need.name]: input.value }) };
}

function choice(need, { place, label, kept }) {
  const group = make("div", { className: "choices" });
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", label.textContent);
  for (const { value, label: words } of need.choices ?? []) {
    const button = make("input", { type: "radio", name: need.name, value, checked: value === kept });
    group.append(make("label", { className: "choice" }, button, make("span", { textContent: words })));
  }
  place.append(group);
  return { value: () => ({ [need.name]: group.querySelector(":checked")?.value ?? "" }) };
}

function evidence(need, { place, app, event, draft }) {
  const there = draft.about.body.data.evidence ?? []; // With the server, of a move it refused.
  const arrived = event.photos.filter(({ id }) => there.includes(id)).map(({ kind }) => kind);
  for (const { value: kind, label } of need.choices) {
    const isNeeded = need.needed?.includes(kind);
    const box = put(fromTemplate("spot-tray"), { label: isNeeded ? label : `${label} ${word("optional")}` });
    box.querySelector(".tray").dataset.tray = kind;
    box.querySelector(".tray").setAttribute("aria-label", label);
    if (kind === "document") find(box, "album").accept += ",application/pdf";
    place.append(box);
  }
  if (there.length) place.append(make("p", { className: "hint", textContent: word("files_there", { count: there.length }) }));
  const tray = new Tray(place, { most: need.most_files, draft, onChange: (problem) => problem && app.toast(problem) });
  tray.attend();
  return {
    value: () => (there.length ? { [need.name]: there } : {}),
    files: () => tray.ready(),
    isEmpty: () => !there.length && !tray.files.length,
    problem: () => {
      const lacking = (need.needed ?? []).filter((kind) => !tray.of(kind).length && !arrived.includes(kind));
      return lacking.length ? word("kinds_missing", { kinds: listed(lacking.map((kind) => app.kindName(kind))) }) : "";
    },
  };
}
