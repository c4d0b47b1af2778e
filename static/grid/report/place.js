/** Where it is: by the device's position, by the map, or by choosing the area. */
import { showMap } from "../map.js";
import { attachPlacePicker } from "../place-picker.js";

const CLOSE = 16; // So near that streets and gates can be told apart, and the point be moved.
const GOOD_ENOUGH = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 15_000 };

export class Place {
  /** form: has longitude, latitude and area_code; onChange is called after every change. */
  constructor(form, { words, onChange }) {
    Object.assign(this, { form, words, onChange });
    this.find = (name) => form.querySelector(`[data-${name}]`);
    const { longitude, latitude, area_code: area } = form.elements;
    const map = form.querySelector("#map");
    this.map = showMap(map, {
      boundaries: map.dataset.boundaries,
      point: longitude.value ? [Number(longitude.value), Number(latitude.value)] : undefined,
      pick: (east, north) => this.set(east, north),
    });
    this.find("gps").addEventListener("click", () => this.locate());
    this.find("forget-point").addEventListener("click", () => this.forget());
    this.selects = [...this.find("area-selects").querySelectorAll("select")];
    this.selects.forEach((select, depth) => select.addEventListener("change", () => this.#choose(depth)));
    this.find("by-area").addEventListener("toggle", () => this.selects[0].options.length || this.#fill(0, ""));
    attachPlacePicker(form.elements.address, {
      onPick: (place) => this.take(place),
      near: () => (longitude.value ? [longitude.value, latitude.value] : null),
    });
    if (longitude.value) this.#show();
    if (area.value) this.#restore(area.value);
  }

  /** Asks the device at once where that needs no question to the person. */
  async locateIfAllowed() {
    if (this.form.elements.longitude.value) return;
    // eslint-disable-next-line compat/compat -- Safari 15 has none, and is asked nothing.
    const state = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (state?.state === "granted") this.locate();
  }

  locate() {
    if (!navigator.geolocation) {
      this.#say(this.words.position_unknown);
      return;
    }
    this.#say(this.words.locating);
    const turn = (this.turn = (this.turn || 0) + 1);
    this.find("gps").setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.find("gps").removeAttribute("aria-busy");
        if (turn !== this.turn) return; // A place was chosen meanwhile.
        this.map.setPoint(coords.longitude, coords.latitude);
        this.set(coords.longitude, coords.latitude);
        this.#say(this.words.accuracy.replace("{metres}", Math.max(1, Math.round(coords.accuracy))));
      },
      (error) => {
        this.find("gps").removeAttribute("aria-busy");
        const refused = error.code === error.PERMISSION_DENIED;
        this.#say(refused ? this.words.position_refused : this.words.position_unknown);
      },
      GOOD_ENOUGH,
    );
  }

  /** A place of the address book: its words, and its point or its area. The point can still be moved. */
  take(place) {
    this.turn = (this.turn || 0) + 1;
    this.form.elements.address.value = place.address.slice(0, this.form.elements.address.maxLength);
    if (place.longitude !== null) {
      this.map.setPoint(place.longitude, place.latitude);
      this.map.map.setView([place.latitude, place.longitude], Math.max(this.map.map.getZoom(), CLOSE), { animate: false });
      this.set(place.longitude, place.latitude);
    } else {
      this.forget();
      this.form.elements.area_code.value = place.area_code;
      this.onChange();
      this.#restore(place.area_code);
    }
  }

  set(longitude, latitude) {
    this.form.elements.longitude.value = longitude.toFixed(6);
    this.form.elements.latitude.value = latitude.toFixed(6);
    this.form.elements.area_code.value = "";
    for (const select of this.selects) select.value = "";
    this.onChange();
    this.#show();
  }

  forget() {
    this.form.elements.longitude.value = this.form.elements.latitude.value = this.asked = "";
    this.find("located").hidden = true;
    this.map.map.getContainer().classList.add("has-no-point");
    this.onChange();
  }

  /** The grid of the point, as the server will find it. */
  async #show() {
    const { longitude, latitude } = this.form.elements;
    this.map.map.getContainer().classList.remove("has-no-point");
    const asked = `${this.form.dataset.locate}?longitude=${longitude.value}&latitude=${latitude.value}`;
    this.asked = asked;
    const place = await fetch(asked, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    if (this.asked !== asked) return; // Another point was tapped meanwhile.
    const remarks = { outside: place?.outside, on_edge: place?.on_edge, not_located: !place };
    const remark = Object.keys(remarks).find((name) => remarks[name]);
    this.find("located-path").textContent = place && !place.outside ? place.path.join(" › ") : "";
    this.find("located-words").textContent = remark ? this.words[remark] : "";
    this.find("located").classList.toggle("is-doubtful", Boolean(remark));
    this.find("located").hidden = false;
  }

  #say(text) {
    this.find("gps-words").textContent = text;
  }


  async #children(parent) {
    const url = this.form.dataset.areas + (parent && `?parent=${parent}`);
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    return answer?.ok ? answer.json() : [];
  }

  async #fill(depth, parent) {
    const areas = await this.#children(parent);
    const select = this.selects[depth];
    select.replaceChildren(new Option(this.words.choose, ""), ...areas.map(({ code, name }) => new Option(name, code)));
    select.disabled = areas.length === 0;
  }

  async #choose(depth) {
    this.selects.slice(depth + 1).forEach((select) => {
      select.replaceChildren();
      select.disabled = true;
    });
    const chosen = this.selects.map((select) => select.value).filter(Boolean);
    this.forget();
    this.form.elements.area_code.value = chosen[chosen.length - 1] ?? "";
    this.onChange();
    if (this.selects[depth].value && this.selects[depth + 1]) await this.#fill(depth + 1, this.selects[depth].value);
  }

  async #restore(code) {
    let parent = "";
    for (const [depth, select] of this.selects.entries()) {
      await this.#fill(depth, parent);
      const step = [...select.options].find((option) => option.value && code.startsWith(option.value));
      if (!step) break;
      parent = select.value = step.value;
    }
    this.find("by-area").open = true;
  }
}
