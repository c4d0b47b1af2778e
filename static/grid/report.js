/**
 * The report page: what, where, photos; sent through the API under a key of the client's own.
 * Whatever goes wrong, nothing typed is lost.
 */
import { attachItemPicker, button, loadItems, nameOf, showChecklist } from "./item-picker.js";
import { Draft, Recents } from "./report/draft.js";
import { Photos } from "./report/photos.js";
import { Place } from "./report/place.js";
import { sendReport } from "./report/send.js";
import { showSent } from "./report/sent.js";

const form = document.getElementById("report");
const words = JSON.parse(document.getElementById("report-words").textContent);
const find = (name) => form.querySelector(`[data-${name}]`);
const { elements } = form;
const { user, api, items: itemsUrl, mostPhotos, atDesk } = form.dataset;

const draft = new Draft(form, user);
const recents = new Recents(user);
const place = new Place(form, { words, onChange: changed("longitude", "area_code", "address") });
const photos = new Photos(form, { most: Number(mostPhotos), words, onChange: photosChanged });
let item = null; // The chosen one; its code is in the form, so that the draft keeps it.

// Item -------------------------------------------------------------------------------------------

const search = document.getElementById("item-search");
attachItemPicker(search, { onPick: choose, items: itemsUrl, words });
let items = [];

function choose(picked) {
  item = picked;
  elements.item_code.value = picked.code;
  recents.add(picked.code);
  changed("item", "self_close")();
  showItem();
  find("change").focus({ preventScroll: true });
}

function showItem() {
  find("picker").hidden = item !== null;
  find("chosen").hidden = item === null;
  find("on-the-spot").hidden = !item?.self_handle;
  if (!item?.self_handle) elements.self_close.checked = false;
  showResult();
  if (!item) return;
  find("chosen-name").textContent = nameOf(item);
  find("chosen-category").textContent = `${item.platform_name} · ${item.category}`;
  find("chosen-urgency").replaceChildren(
    Object.assign(document.createElement("span"), {
      className: `urgency urgency-${item.urgency}`,
      textContent: item.urgency_name,
    }),
  );
  find("chosen-evidence").textContent = item.evidence.map((kind) => words.kinds[kind]).join(" + ");
  find("chosen-evidence").hidden = item.evidence.length === 0;
  for (const line of form.querySelectorAll("[data-chosen-close]")) {
    line.hidden = (line.dataset.chosenClose === "yes") !== item.self_handle;
  }
  find("chosen-sensitive").hidden = !item.sensitive;
}

function showResult() {
  const closing = elements.self_close.checked;
  find("result").hidden = !closing;
  for (const field of form.querySelectorAll("[data-needs]")) {
    field.hidden = !closing || !item?.evidence.includes(field.dataset.needs);
  }
}

function showRecents() {
  const known = recents.codes().map((code) => items.find((other) => other.code === code));
  const buttons = known.filter(Boolean).map((other) => button(nameOf(other), () => choose(other)));
  find("recents").append(...buttons);
  find("recents").hidden = buttons.length === 0;
}

find("change").addEventListener("click", () => {
  item = null;
  elements.item_code.value = "";
  draft.save();
  showItem();
  search.value = "";
  search.focus();
});
find("browse").addEventListener("toggle", async () => {
  if (find("checklist").childElementCount === 0) {
    showChecklist(find("checklist"), items.length ? items : await loadItems(itemsUrl), choose);
  }
});
elements.self_close.addEventListener("change", showResult);

// Who told it to the desk ------------------------------------------------------------------------

const caller = find("caller");

function showCaller() {
  const told = caller.dataset.caller.split(" ").includes(elements.source.value);
  caller.disabled = caller.hidden = !told;
}

if (caller) {
  elements.source.addEventListener("change", showCaller);
  showCaller();
}

// Photos and time --------------------------------------------------------------------------------

function photosChanged(files, problem) {
  const before = files.filter((file) => file.kind === "before_photo").length;
  find("photo-count").textContent = `${before} / ${mostPhotos}`;
  if (problem) showError("photos", problem);
  else changed("photos")();
}

/** The wall clock of the district, as the field wants it. */
const wallClock = () => new Date().toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(0, 16).replace(" ", "T");
elements.occurred_at.addEventListener("input", () => {
  elements.occurred_at.dataset.touched = "yes";
  elements.occurred_fixed.value = "";
});

// Errors -----------------------------------------------------------------------------------------

/** After a change of these fields their errors are out of date, and the draft is saved. */
function changed(...names) {
  return () => {
    for (const name of names) showError(name, "");
    draft.save();
  };
}

form.addEventListener("input", ({ target }) => target.name && showError(target.name, ""));

function showError(name, text) {
  const line = form.querySelector(`[data-error~="${name}"]`);
  if (!line) return false;
  line.textContent = text;
  line.hidden = !text;
  form.querySelector(`[data-field="${line.dataset.error.split(" ")[0]}"]`)?.toggleAttribute("aria-invalid", Boolean(text));
  return true;
}

/** fields: {name: [{message}]}. Returns the messages that have no place on the page. */
function showErrors(fields) {
  const homeless = [];
  for (const [name, errors] of Object.entries(fields)) {
    const text = errors.map(({ message }) => message).join(" ");
    if (!showError(name, text)) homeless.push(text);
  }
  const first = form.querySelector("[data-error]:not([hidden])");
  if (first) {
    const section = first.closest("details");
    if (section) section.open = true;
    const field = form.querySelector(`[data-field="${first.dataset.error.split(" ")[0]}"]`);
    if (first.dataset.error === "item" && item) find("change").focus();
    else field?.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }
  return homeless;
}

function notice(text, { login = false, event = "", renew = false } = {}) {
  find("notice").hidden = !text;
  find("notice-words").textContent = text;
  find("notice-login").hidden = !login;
  find("notice-event").hidden = !event;
  find("notice-event").href = event || "#";
  find("notice-new").hidden = !renew;
}

find("notice-new").addEventListener("click", () => {
  draft.renew();
  form.querySelector("[data-send]").click();
});

// Sending ----------------------------------------------------------------------------------------

function report(files) {
  const text = (name) => (elements[name]?.matches(":enabled") && elements[name].value.trim()) || undefined;
  const number = (name) => (elements[name].value ? Number(elements[name].value) : undefined);
  return {
    id: draft.id,
    item: text("item_code"),
    description: text("description"),
    address: text("address"),
    longitude: number("longitude"),
    latitude: number("latitude"),
    datum: "wgs84",
    area_code: text("area_code"),
    occurred_at: elements.occurred_at.dataset.touched ? text("occurred_at") : elements.occurred_fixed.value,
    sent_at: new Date().toISOString(),
    source: text("source"),
    reporter_name: text("reporter_name"),
    reporter_phone: text("reporter_phone"),
    confidential: elements.confidential.checked,
    self_close: elements.self_close.checked,
    result: elements.self_close.checked ? text("result") : undefined,
    photos: files.map(({ kind, sha256 }) => ({ kind, sha256 })),
  };
}

function missing() {
  const fields = {};
  if (!elements.item_code.value) fields.item = [{ message: words.what }];
  const somewhere = ["longitude", "area_code", "address"].some((name) => elements[name].value.trim());
  if (!somewhere) fields.longitude = [{ message: words.where }];
  return fields;
}

function busy(isBusy, text) {
  find("send").disabled = isBusy;
  find("send").setAttribute("aria-busy", String(isBusy));
  find("send-words").textContent = text;
}

const sendWords = find("send-words").textContent;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (find("send").disabled) return;
  notice("");
  const lacking = missing();
  if (Object.keys(lacking).length) {
    showErrors(lacking);
    return;
  }
  busy(true, words.sending);
  // A repeat after a lost answer must say the same moment, or it would be another report.
  elements.occurred_fixed.value ||= new Date().toISOString();
  draft.save();
  const closing = elements.self_close.checked ? item.evidence : [];
  const files = await photos.ready(["before_photo", ...closing]);
  try {
    const stored = await sendReport(api, report(files));
    draft.forget();
    form.hidden = true;
    showSent(stored, files, { words, url: `${api}${stored.id}/evidence/` });
  } catch (error) {
    explain(error);
  } finally {
    busy(false, find("notice").hidden ? sendWords : find("send-words").dataset.again);
  }
});

function explain(error) {
  if (error.kind === "offline" || error.kind === "server") notice(words[error.kind]);
  else if (error.kind === "log_in") notice(words.log_in, { login: true });
  else if (error.code === "different_content") notice(error.answer.message, { event: `/events/${draft.id}/`, renew: true });
  else if (error.kind === "refused") {
    elements.occurred_fixed.value = "";
    draft.save();
    const homeless = showErrors(error.answer.fields ?? {});
    const known = Object.keys(error.answer.fields ?? {}).length > homeless.length;
    notice(homeless.join(" ") || (known ? words.correct : error.answer.message));
  } else throw error;
}

find("discard").addEventListener("click", () => {
  draft.forget();
  location.reload();
});

// As it was left ---------------------------------------------------------------------------------

async function begin() {
  items = await loadItems(itemsUrl).catch(() => []);
  item = items.find((other) => other.code === elements.item_code.value) ?? null;
  if (!item) elements.item_code.value = "";
  find("restored").hidden = !draft.restored;
  if (elements.occurred_at.value) elements.occurred_at.dataset.touched = "yes";
  else elements.occurred_at.value = wallClock();
  elements.occurred_at.max = wallClock();
  showItem();
  showRecents();
  photosChanged([]);
  const named = JSON.parse(document.getElementById("report-place").textContent);
  if (named) place.take(named); // The label that was scanned says where.
  else if (!atDesk) place.locateIfAllowed();
  form.dataset.ready = "yes";
}

begin();
