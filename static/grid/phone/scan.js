/**
 * Reads the QR code of a label: by the browser's own detector where it has one, else by the decoder of the `qr` package.
 * A label holds the address of the report form with the place's code; any other code is none of ours.
 */
import { find, put } from "./dom.js";
import { openSheet } from "./sheet.js";
import { word } from "./words.js";

const LOOK_MS = 200;
const ASK_AGAIN_MS = 2000; // when a label was read and could not be looked up
const SIDE = 640; // pixels of the picture that is looked at

/** onPlace(place of the address book) for a label of this district. */
export async function scan(app, onPlace) {
  let stream = null;
  let open = true;
  const { element, close } = openSheet("scan-sheet", {
    onClose: () => {
      open = false;
      for (const track of stream?.getTracks() ?? []) track.stop();
    },
  });
  const say = (name) => put(element, { words: word(name) });
  say("scan_words");
  const reading = reader();

  const found = async (text) => {
    const code = codeOf(text);
    const answer = code ? await app.ask({ path: `places/${encodeURIComponent(code)}/` }) : { kind: "refused" };
    if (!open) return true;
    if (answer.kind !== "ok") {
      say(answer.kind === "offline" ? "scan_offline" : "scan_none");
      return false;
    }
    close();
    onPlace(answer.body);
    return true;
  };

  find(element, "picture").addEventListener("change", async ({ target }) => {
    const picture = await drawn(target.files[0]).catch(() => null);
    target.value = "";
    const text = picture && (await (await reading)(picture));
    if (text) await found(text);
    else say("scan_none");
  });

  const video = find(element, "video");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    say("scan_no_camera");
    return;
  }
  video.srcObject = stream;
  await video.play().catch(() => {});
  const read = await reading;
  while (open) {
    const text = video.videoWidth ? await read(painted(video, video.videoWidth, video.videoHeight)) : null;
    if (text && (await found(text))) return;
    await new Promise((resolve) => setTimeout(resolve, text ? ASK_AGAIN_MS : LOOK_MS));
  }
}

/** A function from a canvas to the text of the code in it, or null. */
async function reader() {
  if (window.BarcodeDetector) {
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (canvas) => (await detector.detect(canvas).catch(() => []))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("../../qr/decode.js");
  return async (canvas) => {
    const { width, height } = canvas;
    try {
      return decodeQR(canvas.getContext("2d").getImageData(0, 0, width, height)) || null;
    } catch {
      return null; // No code in this picture.
    }
  };
}

function painted(source, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function drawn(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  URL.revokeObjectURL(image.src);
  return painted(image, image.naturalWidth, image.naturalHeight);
}

/** "https://…/report/?place=CODE" or the app's own address: CODE; null for anything else. */
export function codeOf(text) {
  try {
    return new URL(text).searchParams.get("place");
  } catch {
    return null;
  }
}
