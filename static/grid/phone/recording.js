/** The buttons for a voice or a short video: recorded in the browser where it can, else by the phone's own camera. */
import { find, make, put } from "./dom.js";
import { canRecord, LIMITS, record } from "./recorder.js";
import { openSheet } from "./sheet.js";
import { word } from "./words.js";

export function attendRecorder(form, { tray, app }) {
  for (const kind of ["voice", "video"]) {
    const button = find(form, kind);
    button.hidden = !canRecord && kind === "voice";
    button.addEventListener("click", () => (canRecord ? recordHere(kind, tray, app) : byCamera(tray)));
  }
}

async function recordHere(kind, tray, app) {
  let recording = null;
  const { element, close } = openSheet("record-sheet", { onClose: () => recording?.cancel() });
  const time = (seconds) => put(element, { time: `${Math.floor(seconds)} s` });
  put(element, { title: word(`record_${kind}`, { seconds: LIMITS[kind].seconds }), words: word("recording") });
  time(0);
  try {
    recording = await record(kind, { onTick: time });
  } catch (error) {
    close();
    app.toast(word(error.code === "refused" ? "record_refused" : "scan_no_camera"));
    return;
  }
  if (kind === "video") {
    const preview = find(element, "preview");
    Object.assign(preview, { srcObject: recording.stream, hidden: false });
    preview.play().catch(() => {});
  }
  find(element, "stop").addEventListener("click", () => recording.stop());
  const done = await recording.done;
  recording = null;
  close();
  if (done) await tray.take(kind, done.blob);
}

function byCamera(tray) {
  const input = make("input", { type: "file", accept: "video/*" });
  input.setAttribute("capture", "environment");
  input.addEventListener("change", () => input.files[0] && tray.take("video", input.files[0]));
  input.click();
}
