/**
 * Pictures made small on the phone, before they are named by the hash of the bytes that will be sent: at most
 * LONG_SIDE pixels, and of a quality that keeps them near ENOUGH bytes. What the browser cannot draw but the server
 * can (HEIC) and what is no picture (PDF) goes as it is.
 */
import { sha256 } from "../report/sha256.js";

const LONG_SIDE = 1600; // pixels
const ENOUGH = 400 * 1024; // bytes
const QUALITIES = [0.85, 0.75, 0.6];

export class UnreadableError extends Error {
  name = "UnreadableError";
}

/** A picture or document as it will be sent: {kind, blob, sha256, name}. Raises UnreadableError. */
export async function prepared(kind, source) {
  const blob = await shrink(source);
  return { kind, blob, sha256: await sha256(blob), name: source.name ?? "" };
}

/** Raises UnreadableError for what is neither a picture nor a document. */
export async function shrink(source) {
  if (source.size && source.type === "application/pdf") return source;
  const picture = await drawn(source);
  if (!picture) {
    if (await isHeic(source)) return source;
    throw new UnreadableError("no picture");
  }
  const { naturalWidth: width, naturalHeight: height } = picture;
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  if (scale === 1 && source.type === "image/jpeg" && source.size <= ENOUGH) return source; // Keeps its time and place.
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  let small;
  for (const quality of QUALITIES) {
    small = await encoded(canvas, quality);
    if (small.size <= ENOUGH) break;
  }
  canvas.width = canvas.height = 0; // Safari keeps the memory of a canvas for long.
  return small;
}

/** By an img element, which turns it as its EXIF says in every browser; createImageBitmap() does so in new ones only. */
async function drawn(source) {
  const url = URL.createObjectURL(source);
  const picture = new Image();
  picture.src = url;
  try {
    await picture.decode();
    return picture.naturalWidth ? picture : null;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function encoded(canvas, quality) {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new UnreadableError("no blob"))), "image/jpeg", quality),
  );
}

/** Told by its bytes: phones give HEIC many types, or none. */
async function isHeic(source) {
  return new TextDecoder().decode(await source.slice(4, 12).arrayBuffer()).startsWith("ftyp");
}
