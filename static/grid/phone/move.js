/** The form of one move, drawn from what the table says it needs; sent through the outbox like a report. */
import { find, fromTemplate, make, put } from "./dom.js";
import { Tray } from "./tray.js";
import { word } from "./words.js";

const DRAWN = new Set(["text", "reason", "choice", "urgency", "date", "amount", "evidence"]);
/** What the item asks besides, is known by the server alone; these kinds can be added here. */
const KINDS = ["after_photo", "document", "signature"];

/** Draws the form into root. Returns what to do when it is left. */
export function showMove(root, app, event, verb) {
  const action = (event.actions ?? []).find((other) => other.verb === verb);
  if (!action) {
    root.append(make("p", { className: "nothing", textContent: word("no_longer", { state: event.state_name }) }));
    return () => {};
  }
  app.title(action.label);
  const form = fromTemplate("move");
  put(form, { title: event.item_name, place: [event.place, event.address].filter(Boolean).join(" · "), verb: action.label });
  const elsewhere = action.needs.some((need) => need.required && !DRAWN.has(need.kind));
  const fields = elsewhere ? [] : action.needs.filter((need) => DRAWN.has(need.kind)).map((need) => field(need, event, app));
  find(form, "needs").append(...fields.map(({ element }) => element));
  if (elsewhere) {
    const hint = fromTemplate("elsewhere");
    find(hint, "link").href = `${app.addresses.home}events/${event.id}/moves/${verb}/`;
    find(form, "needs").append(hint);
    form.querySelector(".primary").hidden = true;
  }
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const button = form.querySelector(".primary");
    if (button.disabled) return;
    let problem = null;
    for (const each of fields) problem = each.check() || problem;
    if (problem) {
      form.querySelector(".need .problem:not([hidden])")?.scrollIntoView({ block: "center" });
      return;
    }
    button.disabled = true;
    try {
      const files = (await Promise.all(fields.map(({ files: some }) => some()))).flat();
      const data = Object.assign({}, ...fields.map(({ value }) => value()));
      await app.outbox.addMove({ event: event.id, verb, data, version: event.version, files, title: `${action.label} · ${event.item_name}` });
      app.toast(word(app.failure === "offline" ? "kept_for_later" : "on_its_way"));
      app.go("#/tasks");
    } catch (error) {
      find(form, "problem").textContent = word(error.name === "StoreFullError" ? "store_full" : "not_kept");
      find(form, "problem").hidden = false;
      button.disabled = false;
    }
  });
  root.append(form);
  return () => {};
}

/** One input: {element, value() -> {name: …}, files() -> [...], check() -> true where something is missing}. */
function field(need, event, app) {
  const element = put(fromTemplate("need"), { label: need.required ? need.label : `${need.label} ${word("optional")}`, help: need.help ?? "" });
  const place = find(element, "input");
  const label = element.querySelector(".label");
  const say = (problem) => put(element, { problem });
  const tools = { evidence: evidence, text: text, date: typed, amount: typed }[need.kind] ?? choice;
  const input = tools(need, { place, label, event, app });
  return {
    element,
    files: async () => [],
    ...input,
    check() {
      const lacks = need.required && need.kind !== "evidence" && Object.values(input.value()).every((value) => value === "");
      const problem = lacks ? word("is_needed") : (input.problem?.() ?? "");
      say(problem);
      return Boolean(problem);
    },
  };
}

function text(need, { place, label, app }) {
  const area = make("textarea", { rows: 3, id: `need-${need.name}`, maxLength: app.me.limits?.text ?? 2000 });
  label.htmlFor = area.id;
  place.append(area);
  return { value: () => ({ [need.name]: area.value.trim() }) };
}

function typed(need, { place, label }) {
  const input = make("input", { type: need.kind === "date" ? "date" : "number", id: `need-${need.name}` });
  label.htmlFor = input.id;
  place.append(input);
  return { value: () => ({ [need.name]: input.value }) };
}

function choice(need, { place }) {
  const group = make("div", { className: "choices" });
  for (const { value, label: words } of need.choices ?? []) {
    const button = make("input", { type: "radio", name: need.name, value });
    group.append(make("label", { className: "choice" }, button, make("span", { textContent: words })));
  }
  place.append(group);
  return { value: () => ({ [need.name]: group.querySelector(":checked")?.value ?? "" }) };
}

function evidence(need, { place, app }) {
  const kinds = need.kinds?.length ? need.kinds : KINDS;
  for (const kind of kinds) {
    const box = put(fromTemplate("spot-tray"), { label: app.me.kinds?.[kind] ?? word(kind) });
    box.querySelector(".tray").dataset.tray = kind;
    if (kind === "document") find(box, "album").accept += ",application/pdf";
    place.append(box);
  }
  const tray = new Tray(place, { most: app.me.limits?.photos ?? 9, onChange: (problem) => problem && app.toast(problem) });
  tray.attend();
  return {
    value: () => ({}),
    files: () => tray.ready(),
    problem: () => {
      const lacking = (need.required_kinds ?? []).filter((kind) => !tray.of(kind).length);
      return lacking.length ? word("kinds_missing", { kinds: lacking.map((kind) => app.me.kinds?.[kind] ?? word(kind)).join("、") }) : "";
    },
  };
}
