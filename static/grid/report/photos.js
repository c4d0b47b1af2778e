/**
 * The files of a report, by kind of evidence. Pictures are made small here, before they are named by the
 * hash of the bytes that will be sent; what this browser cannot draw (HEIC, PDF) goes as it is.
 */
import { sha256 } from "./sha256.js";

const LONG_SIDE = 1600; // pixels
const QUALITY = 0.85;

export class Photos {
  /** root: holds a [data-tray=kind] for each kind; most: before-photos allowed; onChange(files, problem). */
  constructor(root, { most, words, onChange }) {
    Object.assign(this, { root, most, words, onChange, files: [] });
    for (const tray of root.querySelectorAll("[data-tray]")) {
      tray.addEventListener("change", ({ target }) => {
        for (const file of target.files) this.add(tray, file);
        target.value = "";
      });
    }
  }

  add(tray, source) {
    const kind = tray.dataset.tray;
    if (kind === "before_photo" && this.of(kind).length >= this.most) {
      this.onChange(this.files, this.words.too_many.replace("{most}", this.most));
      return;
    }
    const file = { kind, name: source.name, tile: this.#tile(source.name) };
    tray.insertBefore(file.tile, tray.querySelector(".tile-add"));
    file.tile.querySelector("button").addEventListener("click", () => this.remove(file));
    file.ready = this.#prepare(file, source);
    this.files.push(file);
    this.onChange(this.files);
  }

  of(kind) {
    return this.files.filter((file) => file.kind === kind);
  }

  remove(file, problem) {
    this.files = this.files.filter((other) => other !== file);
    file.tile.remove();
    if (file.url) URL.revokeObjectURL(file.url);
    this.onChange(this.files, problem);
  }

  /** The files of these kinds, each with blob and sha256. */
  async ready(kinds) {
    await Promise.all(this.files.map((file) => file.ready));
    return this.files.filter((file) => kinds.includes(file.kind));
  }

  async #prepare(file, source) {
    try {
      file.blob = await smaller(source);
      file.sha256 = await sha256(file.blob);
    } catch {
      this.remove(file, this.words.unreadable);
      return;
    }
    if (this.files.some((other) => other !== file && other.kind === file.kind && other.sha256 === file.sha256)) {
      this.remove(file);
      return;
    }
    file.tile.classList.remove("is-busy");
    if (!file.blob.type.startsWith("image/") || /hei[cf]/.test(file.blob.type)) return;
    file.url = URL.createObjectURL(file.blob);
    file.tile.querySelector("img").src = file.url;
  }

  #tile(name) {
    const tile = document.createElement("figure");
    tile.className = "tile is-busy";
    const caption = Object.assign(document.createElement("figcaption"), { textContent: name });
    const image = Object.assign(document.createElement("img"), { alt: name });
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `${this.words.remove}: ${name}`);
    tile.append(caption, image, remove);
    return tile;
  }
}

/** HEIC, which few browsers draw: told by its bytes. What else cannot be drawn the server would refuse too late. */
async function isHeic(file) {
  return new TextDecoder().decode(await file.slice(4, 12).arrayBuffer()).startsWith("ftyp");
}

async function smaller(file) {
  if (file.type === "application/pdf" && file.size) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    if (await isHeic(file)) return file;
    throw new Error("no picture");
  }
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1 && file.type === "image/jpeg") return file; // Small already; keep its time and place.
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no blob"))), "image/jpeg", QUALITY),
  );
}
