/** The photos, voice and video of a report or a move as tiles: taken, made small, kept with the draft, taken away again. */
import { sha256 } from "../report/sha256.js";
import { find, fromTemplate, icon, make } from "./dom.js";
import { LIMITS } from "./recorder.js";
import { prepared } from "./shrink.js";
import { word } from "./words.js";

const RECORDED = ["voice", "video"];

export class Tray {
  #work = new Map(); // What is being made small, and its kind.
  #tooMany = ""; // Said until one is taken away.

  /**
   * root: holds [data-tray=kind] for each kind; most: files of a kind. draft: keeps the files, where there is one.
   * onChange(problem) after each change.
   */
  constructor(root, { most, draft = null, onChange = () => {} }) {
    Object.assign(this, { root, most, draft, onChange, files: [] });
    for (const file of draft?.files ?? []) this.#show(file, this.#tile(file.kind));
  }

  /** The places of this part of the form take files from now on. */
  attend(part = this.root) {
    for (const place of part.querySelectorAll("[data-tray]")) {
      place.addEventListener("change", ({ target }) => {
        if (target.type !== "file") return;
        for (const source of [...target.files]) this.take(place.dataset.tray, source);
        target.value = "";
      });
      for (const file of this.of(place.dataset.tray)) this.#place(file.kind, file.tile);
    }
  }

  of(kind) {
    return this.files.filter((file) => file.kind === kind);
  }

  /** A file of the camera, the album or the recorder. Resolves when it is kept, or could not be read. */
  take(kind, source) {
    const coming = [...this.#work.values()].filter((other) => other === kind).length;
    if (this.of(kind).length + coming >= this.most) {
      this.onChange((this.#tooMany = word("too_many", { most: this.most })));
      return Promise.resolve();
    }
    const most = LIMITS[kind]?.bytes; // Of the phone's own camera, which knows no limit.
    if (source.size > most) {
      this.onChange(word("recording_too_big", { megabytes: most / 1_000_000 }));
      return Promise.resolve();
    }
    const tile = this.#tile(kind);
    const work = this.#take(kind, source, tile).finally(() => this.#work.delete(work));
    this.#work.set(work, kind);
    return work;
  }

  /** Every file of these kinds, once those still being made small are ready: {id?, kind, blob, sha256, name}. */
  async ready(kinds = null) {
    await Promise.all(this.#work.keys());
    return this.files.filter(({ kind }) => !kinds || kinds.includes(kind)).map(({ tile, ...file }) => file);
  }

  async #take(kind, source, tile) {
    let file;
    try {
      file = RECORDED.includes(kind) ? { kind, blob: source, sha256: await sha256(source), name: source.name ?? "" } : await prepared(kind, source);
    } catch {
      tile.remove();
      this.onChange(word("unreadable"));
      return;
    }
    if (this.of(kind).some((other) => other.sha256 === file.sha256)) {
      tile.remove();
      return;
    }
    this.#show((await this.draft?.add(file)) ?? file, tile);
    this.onChange(this.draft?.full ? word("store_full") : this.#tooMany);
  }

  #show(file, tile) {
    const entry = { ...file, tile };
    this.files.push(entry);
    tile.classList.remove("is-busy");
    find(tile, "remove").addEventListener("click", () => this.#remove(entry));
    picture(file).then((shown) => tile.prepend(shown));
  }

  async #remove(entry) {
    this.files = this.files.filter((other) => other !== entry);
    entry.tile.remove();
    if (entry.id) await this.draft?.remove(entry.id);
    this.onChange((this.#tooMany = ""));
  }

  #tile(kind) {
    const tile = fromTemplate("tile");
    this.#place(kind, tile);
    return tile;
  }

  #place(kind, tile) {
    const place = this.root.querySelector(`[data-tray="${kind}"]`);
    place?.insertBefore(tile, place.querySelector(".tile-add"));
  }
}

/** What a tile shows of a file. */
async function picture({ kind, blob, name }) {
  const address = URL.createObjectURL(blob);
  if (kind === "voice") return make("audio", { src: address, controls: true });
  if (kind === "video") return make("video", { src: address, muted: true, playsInline: true });
  const image = make("img", { src: address, alt: name });
  return image.decode().then(() => image, () => icon("file"));
}
