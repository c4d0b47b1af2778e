/**
 * The unfinished report, kept in this browser at every keystroke, with the key it will be sent under:
 * a report sent twice under one key is stored once. Photos are not kept here.
 */
import { uuid7 } from "./uuid7.js";

export class Draft {
  /** form: its named fields are the draft; owner: the person's id, for shared devices. */
  constructor(form, owner) {
    this.form = form;
    this.place = `report-draft:${owner}`;
    const kept = this.#read();
    const { source, ...typed } = kept?.fields ?? {}; // The source has a value from the start.
    this.restored = Object.values(typed).some(Boolean);
    this.id = kept?.id ?? uuid7();
    for (const [name, value] of Object.entries(kept?.fields ?? {})) {
      const field = form.elements[name];
      if (field?.type === "checkbox") field.checked = true;
      else if (field) field.value = value;
    }
    form.addEventListener("input", () => this.save());
  }

  save() {
    const fields = Object.fromEntries(new FormData(this.form));
    delete fields.csrfmiddlewaretoken;
    if (!this.form.elements.occurred_at.dataset.touched) delete fields.occurred_at;
    try {
      localStorage.setItem(this.place, JSON.stringify({ id: this.id, fields }));
    } catch {
      // Without a store the page itself still keeps everything.
    }
  }

  renew() {
    this.id = uuid7();
    this.save();
  }

  forget() {
    localStorage.removeItem(this.place);
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.place));
    } catch {
      return null;
    }
  }
}

/** The last items a person chose, newest first. */
export class Recents {
  constructor(owner, most = 5) {
    this.place = `recent-items:${owner}`;
    this.most = most;
  }

  codes() {
    try {
      return JSON.parse(localStorage.getItem(this.place)) ?? [];
    } catch {
      return [];
    }
  }

  add(code) {
    const codes = [code, ...this.codes().filter((other) => other !== code)].slice(0, this.most);
    try {
      localStorage.setItem(this.place, JSON.stringify(codes));
    } catch {
      // Only the shortcut is lost.
    }
  }
}
