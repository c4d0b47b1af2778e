/**
 * A report on one screen: photo, a few words, the item the words propose, the place the phone found; send. Everything is kept
 * at every keystroke, and the report goes into the outbox whatever the network does.
 */
import { Checklist, nameOf } from "../checklist.js";
import { find, fromTemplate, make, put } from "../dom.js";
import { Draft } from "../draft.js";
import { pointOf } from "../exif.js";
import { gridAt } from "../grid.js";
import { boundariesOf, pickPlace, told } from "../place.js";
import { locate } from "../position.js";
import { Tray } from "../tray.js";
import { listed, metres, word } from "../words.js";
import { attendRecorder } from "../recording.js";
import { showSent } from "./sent.js";

const TYPED = ["description", "address", "result", "occurred_at"];
const TICKED = ["self_close", "confidential"];
const BEFORE = "before_photo";
const FOUND = ["gps", "photo"]; // A place nobody chose.
const REPORTED = [BEFORE, "voice", "video"];

export async function show(root, app, [key = "report"]) {
  const draft = await Draft.open(app.store, key);
  if (isOnlyFound(draft)) await draft.clear(); // Somebody looked in and left: the next report is somewhere else.
  if (await draft.isSent()) await draft.renew();
  const screen = new Report(root, app, draft);
  screen.begin();
  return () => screen.leave();
}

function agoOf(minutes) {
  if (minutes < 100) return word("minutes_ago", { minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? word("hours_ago", { hours }) : word("days_ago", { days: Math.round(hours / 24) });
}

/** Whether nothing is in it but where the phone was. */
function isOnlyFound({ fields: { place, ...typed }, files }) {
  return FOUND.includes(place?.by) && files.length === 0 && !Object.values(typed).some(Boolean);
}

class Report {
  item = null;
  place = null; // As of place.js; null: the own grid.
  boundaries = null;
  near = [];
  sending = false;
  left = false;
  stopLocating = () => {};

  constructor(root, app, draft) {
    Object.assign(this, { root, app, draft, form: fromTemplate("report"), checklist: new Checklist(app) });
  }

  async begin() {
    const { form, draft, app } = this;
    this.root.append(form);
    const { limits } = app.me;
    form.elements.description.maxLength = form.elements.result.maxLength = limits.text;
    form.elements.address.maxLength = limits.address;
    find(form, "restored").hidden = draft.isEmpty;
    for (const name of TYPED) form.elements[name].value = draft.fields[name] ?? "";
    for (const name of TICKED) form.elements[name].checked = Boolean(draft.fields[name]);
    this.place = draft.fields.place ?? null;
    this.tray = new Tray(form, { most: limits.photos, draft, onChange: (problem) => this.#say("photos", problem) });
    this.tray.attend();
    form.addEventListener("change", this.#placeOfPhoto, true); // Before the tray empties the input.
    attendRecorder(form, { tray: this.tray, app });
    this.#listen();
    this.#refused(draft.about?.problem);
    this.#takeShot();
    addEventListener("grid-shot", this.#takeShot);
    addEventListener("grid-outbox", this.#sentElsewhere);
    this.#drawPlace();
    if (!this.place) this.#locate();
    await this.checklist.load(() => this.#propose());
    if (!form.isConnected) return; // Left meanwhile.
    this.item = this.checklist.byCode(draft.fields.item);
    this.#drawItem();
    this.#propose();
    this.#lookNear();
    await this.#scanned();
    form.dataset.ready = "yes";
    this.boundaries = await boundariesOf(app);
    this.#drawPlace();
  }

  leave() {
    this.left = true;
    this.stopLocating();
    removeEventListener("grid-shot", this.#takeShot);
    removeEventListener("grid-outbox", this.#sentElsewhere);
    clearTimeout(this.looking);
  }

  /** Two tabs had the same draft, and the other one sent it: what is written here from now on is another report. */
  #sentElsewhere = async () => {
    if (this.sending || !(await this.draft.isSent()) || this.sending || this.left) return;
    this.leave();
    if (this.draft.touched && !(await this.draft.renew())) {
      this.#say("all", word("store_full"));
      return;
    }
    this.app.toast(word("sent_elsewhere"));
    this.app.open();
  };

  #takeShot = () => {
    const { shot } = this.app;
    this.app.shot = null;
    if (!shot) return;
    this.tray.take(BEFORE, shot);
    this.form.elements.description.focus({ preventScroll: true });
  };

  #listen() {
    const { form } = this;
    form.addEventListener("input", ({ target }) => {
      if (!target.name) return;
      this.draft.touched = true;
      this.#say(target.name, "");
      this.draft.set({ [target.name]: target.type === "checkbox" ? target.checked : target.value });
      if (target.name === "description") this.#propose();
      if (target.name === "self_close") this.#drawSpot();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    find(form, "change").addEventListener("click", () => this.#browse());
    find(form, "where").addEventListener("click", () => this.#pickPlace());
    find(form, "discard").addEventListener("click", async () => {
      await this.draft.clear();
      this.app.open();
    });
    find(form, "scan").addEventListener("click", async () => {
      const { scan } = await import("../scan.js");
      scan(this.app, (place) => this.#takePlace(place));
    });
  }

  /** Of a photo of the album, where neither the phone nor the person has said where it is. */
  #placeOfPhoto = async ({ target }) => {
    const [photo] = target.type === "file" ? target.files : [];
    const point = photo && !this.place ? await pointOf(photo) : null;
    if (point && !this.place) this.#setPlace({ ...point, by: "photo" });
  };

  // What -------------------------------------------------------------------------------------------

  #propose() {
    const text = this.form.elements.description.value;
    const items = this.checklist.proposals(text, { place: this.place });
    const codes = items.map(({ code }) => code).join();
    const box = find(this.form, "proposals");
    if (codes === box.dataset.codes) return; // The finger is on its way: nothing may move under it for nothing.
    box.dataset.codes = codes;
    const buttons = items.map((item) => {
      const button = make("button", { type: "button", textContent: nameOf(item) });
      button.addEventListener("click", () => this.#choose(this.checklist.byCode(item.code) ?? item));
      return button;
    });
    const all = make("button", { type: "button", className: "all", textContent: word("whole_list") });
    all.addEventListener("click", () => this.#browse());
    box.replaceChildren(...buttons, all);
  }

  #browse() {
    this.checklist.browse((item) => this.#choose(item));
  }

  #choose(item) {
    this.item = item;
    this.draft.touched = true;
    this.#say("item", "");
    this.draft.set({ item: item.code, self_close: this.form.elements.self_close.checked && item.self_handle });
    this.#drawItem();
    this.#lookNear();
  }

  #drawItem() {
    const { form, item } = this;
    find(form, "proposals").hidden = item !== null;
    find(form, "chosen").hidden = item === null;
    const facts = item && [item.urgency === "normal" ? "" : item.urgency_name, item.category, word(item.self_handle ? "closes_here" : "goes_to_desk")];
    put(form, { "item-name": item ? nameOf(item) : "", "item-facts": item ? facts.filter(Boolean).join(" · ") : "" });
    const closable = Boolean(item?.self_handle) && this.#isOwnPlace();
    find(form, "spot").hidden = !closable;
    if (!closable) form.elements.self_close.checked = false;
    this.#drawSpot();
  }

  /** Only within the own areas may one close on the spot; where the grid is not known, the server decides. */
  #isOwnPlace() {
    const { place, boundaries, app } = this;
    const known = place?.longitude === undefined ? null : gridAt(boundaries?.features ?? [], place.longitude, place.latitude);
    return app.me.self_close_areas.some((code) => !known || known.code.startsWith(code));
  }

  #drawSpot() {
    const { form, item } = this;
    const closing = form.elements.self_close.checked;
    find(form, "spot-more").hidden = !closing;
    const box = find(form, "spot-trays");
    const kinds = (item?.evidence ?? []).filter((kind) => kind !== BEFORE);
    if (!closing || box.dataset.kinds === kinds.join()) return;
    box.dataset.kinds = kinds.join();
    box.replaceChildren(
      ...kinds.map((kind) => {
        const tray = put(fromTemplate("spot-tray"), { label: this.#kindName(kind) });
        tray.querySelector(".tray").dataset.tray = kind;
        if (kind === "document") find(tray, "album").accept += ",application/pdf";
        return tray;
      }),
    );
    this.tray.attend(box);
  }

  #kindName(kind) {
    return this.app.kindName(kind);
  }

  // Where ------------------------------------------------------------------------------------------

  #locate() {
    this.stopLocating();
    this.#lookedFor("locating");
    this.stopLocating = locate({
      onFix: (fix) => {
        if (!this.place || FOUND.includes(this.place.by)) this.#setPlace({ ...fix, by: "gps" });
      },
      onProblem: (problem) => this.#lookedFor(`position_${problem}`),
    });
  }

  /** What became of looking for the position, as long as no place is known. */
  #lookedFor(name) {
    this.looked = name;
    this.#drawPlace();
  }

  #setPlace(place) {
    this.place = place;
    this.draft.touched ||= !FOUND.includes(place.by);
    this.draft.set({ place });
    this.#say("longitude", "");
    this.#drawPlace();
    this.#drawItem();
    this.#lookNear();
  }

  #drawPlace() {
    const { name, how } = told(this.place, this.boundaries, this.app.me);
    put(this.form, { "where-name": name, "where-how": this.place || !this.looked ? how : word(this.looked) });
    find(this.form, "where").classList.toggle("is-doubtful", !this.place);
  }

  #pickPlace() {
    this.stopLocating();
    const { place } = this;
    pickPlace(this.app, { point: place?.longitude === undefined ? null : place, onTake: (taken) => this.#setPlace(taken) });
  }

  /** A place of the address book, from a label that was scanned. */
  #takePlace({ code, address, longitude, latitude, area_code: area, usual_items }) {
    this.stopLocating();
    this.#setPlace({ code, address, usual_items, area_code: area, longitude: longitude ?? undefined, latitude: latitude ?? undefined, by: "place" });
    this.#propose();
  }

  /** The label's own address opened the app: "/m/?place=CODE#/report". */
  async #scanned() {
    const code = new URLSearchParams(location.search).get("place");
    if (!code) return;
    history.replaceState(history.state, "", location.pathname + location.hash);
    const answer = await this.app.ask({ path: `places/${encodeURIComponent(code)}/` });
    if (answer.kind === "ok") this.#takePlace(answer.body);
    else this.app.toast(word(answer.kind === "offline" ? "offline" : "scan_none"));
  }

  // Already reported? --------------------------------------------------------------------------------

  #lookNear() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.#askNear(), 400);
  }

  async #askNear() {
    const { item, place, form, app } = this;
    const box = find(form, "nearby");
    if (!item || place?.longitude === undefined) {
      box.hidden = true;
      return;
    }
    const asked = `item=${item.code}&longitude=${place.longitude}&latitude=${place.latitude}`;
    const answer = await app.ask({ path: `events/nearby/?${asked}` });
    if (answer.kind !== "ok" || this.item !== item || !form.isConnected) return;
    this.near = answer.body;
    const isNew = box.hidden && this.near.length > 0;
    box.hidden = this.near.length === 0;
    find(form, "nearby-list").replaceChildren(...this.near.map((event) => this.#nearEvent(event)));
    if (isNew) find(form, "nearby-list").firstElementChild.scrollIntoView({ block: "nearest" }); // Not below the send button.
  }

  #nearEvent(event) {
    const element = fromTemplate("near-event");
    const ago = agoOf(event.minutes);
    const joined = this.draft.fields.same_as === event.id;
    put(element, { title: event.item_name, text: event.description, foot: [metres(event.metres), ago, event.state_name].join(" · "), join: event.mine ? word("own_report") : word(joined ? "added" : "add_me") });
    find(element, "join").hidden = !event.may_join && !event.mine;
    if (event.thumbnail) Object.assign(find(element, "thumb"), { src: event.thumbnail, hidden: false });
    const button = find(element, "join");
    button.setAttribute("aria-pressed", String(joined));
    button.disabled = event.mine;
    button.addEventListener("click", async () => {
      this.draft.touched = true;
      await this.draft.set({ same_as: joined ? "" : event.id });
      find(this.form, "nearby-list").replaceChildren(...this.near.map((other) => this.#nearEvent(other)));
    });
    return element;
  }

  // Sending ----------------------------------------------------------------------------------------

  /** Each missing thing is said where it belongs; returns whether there is one. */
  #isLacking(files) {
    const { item, form } = this;
    const problems = {};
    const has = (kind) => files.some((file) => file.kind === kind);
    if (!item) problems.item = word("what");
    else if (item.evidence.includes(BEFORE) && item.urgency !== "critical" && !has(BEFORE)) problems.photos = word("photo_needed");
    if (item && form.elements.self_close.checked) {
      const lacking = item.evidence.filter((kind) => kind !== BEFORE && !has(kind));
      if (!form.elements.result.value.trim()) problems.result = word("is_needed");
      else if (lacking.length) problems.result = word("kinds_missing", { kinds: listed(lacking.map((kind) => this.#kindName(kind))) });
    }
    for (const [name, words] of Object.entries(problems)) this.#say(name, words);
    if (Object.keys(problems).length) this.#toFirstProblem();
    return Object.keys(problems).length > 0;
  }

  async #send() {
    if (this.sending) return;
    this.sending = true;
    find(this.form, "send").disabled = true;
    try {
      const kinds = this.form.elements.self_close.checked ? [...REPORTED, ...this.item?.evidence ?? []] : REPORTED;
      const files = await this.tray.ready(kinds);
      if (this.#isLacking(files)) return;
      const body = this.#body();
      const id = await this.app.outbox.addReport(body, files, { title: nameOf(this.item), draft: this.draft });
      await this.checklist.used(this.item.code);
      this.leave();
      showSent(this.root, this.app, { id, joined: Boolean(body.same_as), photos: files.length });
    } catch (error) {
      this.#say("all", word(error.name === "StoreFullError" ? "store_full" : "not_kept"));
    } finally {
      this.sending = false;
      find(this.form, "send").disabled = false;
    }
  }

  #body() {
    const { form, place, draft, item, app } = this;
    const text = (name) => form.elements[name].value.trim() || undefined;
    const known = place?.longitude !== undefined && place?.longitude !== null;
    return {
      id: draft.id,
      item: item.code,
      description: text("description"),
      address: text("address") ?? place?.address,
      longitude: known ? Number(place.longitude.toFixed(6)) : undefined,
      latitude: known ? Number(place.latitude.toFixed(6)) : undefined,
      datum: "wgs84",
      area_code: known ? undefined : (place?.area_code ?? app.me.area?.code),
      occurred_at: text("occurred_at"),
      confidential: form.elements.confidential.checked,
      self_close: form.elements.self_close.checked,
      result: form.elements.self_close.checked ? text("result") : undefined,
      same_as: this.near.some(({ id }) => id === draft.fields.same_as) ? draft.fields.same_as : undefined,
    };
  }

  /** What the server did not take of this one before. */
  #refused(problem) {
    if (!problem) return;
    for (const [name, errors] of Object.entries(problem.fields ?? {})) {
      const words = errors.map(({ message }) => message).join(" ");
      if (!this.#say(name, words)) this.#say("all", words);
    }
    if (!Object.keys(problem.fields ?? {}).length) this.#say("all", problem.message || word("refused"));
  }

  #say(name, words) {
    const line = this.form.querySelector(`[data-problem~="${name}"]`);
    if (!line) return false;
    line.textContent = words;
    line.hidden = !words;
    return true;
  }

  #toFirstProblem() {
    const first = this.form.querySelector("[data-problem]:not([hidden])");
    first?.closest("details")?.setAttribute("open", "");
    first?.scrollIntoView({ block: "center" });
  }
}
