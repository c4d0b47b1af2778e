/** The form of one move, drawn from what the server says it needs; sent through the outbox like a report. */
import { find, fromTemplate, make, put } from "./dom.js";
import { Tray } from "./tray.js";
import { listed, word } from "./words.js";

const INPUTS = { text, evidence, date: typed, amount: typed, reason: choice, choice, urgency: choice, person: choice };

/** Draws the form into root. */
export function showMove(root, app, event, verb) {
  const action = event.actions.find((other) => other.verb === verb);
  if (!action) {
    root.append(make("p", { className: "nothing", textContent: word("no_longer", { state: event.state_name }) }));
    return;
  }
  app.title(action.label);
  const form = fromTemplate("move");
  const { label, before, confirm, needs } = action;
  put(form, { title: event.item_name, place: [event.place, event.address].filter(Boolean).join(" · "), verb: label, before, confirm });
  find(form, "confirm-row").hidden = !confirm;
  const fields = needs.filter(({ kind }) => INPUTS[kind]).map((need) => field(need, app));
  if (needs.some(({ kind, required }) => required && !INPUTS[kind])) {
    const hint = fromTemplate("elsewhere");
    find(hint, "link").href = `${app.addresses.home}events/${event.id}/moves/${verb}/`;
    form.querySelector(".primary").hidden = true;
    find(form, "needs").append(hint);
  } else find(form, "needs").append(...fields.map(({ element }) => element));
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    send(form, fields, { app, event, action });
  });
  root.append(form);
}

async function send(form, fields, { app, event, action }) {
  const button = form.querySelector(".primary");
  const say = (words) => {
    find(form, "problem").textContent = words;
    find(form, "problem").hidden = !words;
  };
  const isConfirmed = !action.confirm || find(form, "confirm").checked;
  say(isConfirmed ? "" : word("confirm_first"));
  const problems = fields.filter((each) => each.lacks());
  if (button.disabled || problems.length || !isConfirmed) {
    problems[0]?.element.scrollIntoView({ block: "center" });
    return;
  }
  button.disabled = true;
  try {
    const files = (await Promise.all(fields.map(({ files: some }) => some?.() ?? []))).flat();
    const data = Object.assign({}, ...fields.map(({ value }) => value()));
    await app.outbox.addMove({ event: event.id, verb: action.verb, data, version: event.version, files, title: `${action.label} · ${event.item_name}` });
    app.toast(word(app.failure === "offline" ? "kept_for_later" : "on_its_way"));
    app.go("#/tasks");
  } catch (error) {
    say(word(error.name === "StoreFullError" ? "store_full" : "not_kept"));
    button.disabled = false;
  }
}

/** One input: {element, value() -> {name: …}, files()?, lacks() -> whether something is missing, which it says}. */
function field(need, app) {
  const element = put(fromTemplate("need"), {
    label: [need.label, need.unit && `(${need.unit})`, !need.required && word("optional")].filter(Boolean).join(" "),
    help: need.kind === "evidence" ? "" : need.help,
  });
  const input = INPUTS[need.kind](need, { place: find(element, "input"), label: element.querySelector(".label"), app });
  return {
    element,
    ...input,
    lacks() {
      const isEmpty = need.required && need.kind !== "evidence" && Object.values(input.value()).every((value) => value === "");
      const problem = isEmpty ? word("is_needed") : (input.problem?.() ?? "");
      put(element, { problem });
      return Boolean(problem);
    },
  };
}

function text(need, { place, label }) {
  const area = make("textarea", { rows: 3, id: `need-${need.name}`, maxLength: need.max_length });
  label.htmlFor = area.id;
  place.append(area);
  return { value: () => ({ [need.name]: area.value.trim() }) };
}

function typed(need, { place, label }) {
  const input = make("input", { type: need.kind === "date" ? "date" : "number", id: `need-${need.name}`, min: need.min ?? "", max: need.max ?? "" });
  label.htmlFor = input.id;
  place.append(input);
  return { value: () => ({ [need.name]: input.value }) };
}

function choice(need, { place, label }) {
  const group = make("div", { className: "choices" });
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", label.textContent);
  for (const { value, label: words } of need.choices ?? []) {
    const button = make("input", { type: "radio", name: need.name, value });
    group.append(make("label", { className: "choice" }, button, make("span", { textContent: words })));
  }
  place.append(group);
  return { value: () => ({ [need.name]: group.querySelector(":checked")?.value ?? "" }) };
}

function evidence(need, { place, app }) {
  for (const { value: kind, label } of need.choices) {
    const isNeeded = need.needed?.includes(kind);
    const box = put(fromTemplate("spot-tray"), { label: isNeeded ? label : `${label} ${word("optional")}` });
    box.querySelector(".tray").dataset.tray = kind;
    box.querySelector(".tray").setAttribute("aria-label", label);
    if (kind === "document") find(box, "album").accept += ",application/pdf";
    place.append(box);
  }
  const tray = new Tray(place, { most: need.most_files, onChange: (problem) => problem && app.toast(problem) });
  tray.attend();
  return {
    value: () => ({}),
    files: () => tray.ready(),
    problem: () => {
      const lacking = (need.needed ?? []).filter((kind) => !tray.of(kind).length);
      return lacking.length ? word("kinds_missing", { kinds: listed(lacking.map((kind) => app.kindName(kind))) }) : "";
    },
  };
}
