/**
 * A voice or a film of a few seconds, small enough for a bad network: by the browser's MediaRecorder, at low bit
 * rates, ended by itself at the limit of time or bytes. Where the browser has none, `canRecord` is false and the
 * screen offers the phone's own camera by a file input.
 */
/** Limits as the server has them: seconds and bytes. */
export const LIMITS = {
  voice: { seconds: 60, bytes: 3_000_000 },
  video: { seconds: 15, bytes: 20_000_000 },
};

/** In the order of preference; Safari has only mp4, Chromium and Firefox only the others. */
const TYPES = {
  voice: ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"],
  video: ["video/webm;codecs=vp8,opus", "video/mp4", "video/webm"],
};

const WANTED = {
  voice: { audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } },
  video: {
    audio: { channelCount: 1 },
    video: { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 20, max: 30 } },
  },
};
const RATES = { audioBitsPerSecond: 32_000, videoBitsPerSecond: 900_000 };
const SLICE = 500; // milliseconds between looks at the size

export const canRecord = Boolean(globalThis.MediaRecorder && globalThis.navigator?.mediaDevices?.getUserMedia);

/** Recording is not possible: code "refused" (by the person), "no_device" or "not_supported". */
export class RecordingError extends Error {
  name = "RecordingError";

  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** The type this browser records in, null where it records none. */
export function typeFor(kind, Recorder = globalThis.MediaRecorder) {
  return TYPES[kind].find((type) => Recorder?.isTypeSupported?.(type)) ?? null;
}

/**
 * Begin to record "voice" or "video". onTick(seconds, bytes) twice a second; `recording.stream` can be shown.
 * `await recording.done` is {kind, blob} when it was stopped or came to its limit, null when it was cancelled.
 * Raises RecordingError.
 */
export async function record(kind, { onTick = () => {} } = {}) {
  const type = typeFor(kind);
  if (!canRecord || !type) throw new RecordingError("not_supported");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED[kind]);
  } catch (error) {
    throw new RecordingError(["NotAllowedError", "SecurityError"].includes(error.name) ? "refused" : "no_device");
  }
  return new Recording(kind, stream, type, onTick);
}

class Recording {
  #parts = [];
  #size = 0;
  #full = false;
  #wanted = true;

  constructor(kind, stream, type, onTick) {
    Object.assign(this, { kind, stream });
    const { seconds, bytes } = LIMITS[kind];
    const begun = performance.now();
    this.recorder = new MediaRecorder(stream, { mimeType: type, ...RATES });
    this.done = new Promise((resolve) => {
      this.recorder.ondataavailable = ({ data }) => {
        if (this.#full || this.#size + data.size > bytes) {
          this.#full = true; // What came before can be played without this part, and not with a gap.
          this.#end();
          return;
        }
        this.#parts.push(data);
        this.#size += data.size;
        const passed = (performance.now() - begun) / 1000;
        onTick(Math.min(passed, seconds), this.#size);
        if (passed >= seconds) this.#end();
      };
      this.recorder.onerror = () => this.#end();
      this.recorder.onstop = () => {
        clearTimeout(this.timer);
        for (const track of stream.getTracks()) track.stop();
        const blob = new Blob(this.#parts, { type: type.split(";")[0] });
        resolve(this.#wanted && blob.size ? { kind, blob } : null);
      };
    });
    this.timer = setTimeout(() => this.#end(), seconds * 1000);
    this.recorder.start(SLICE);
  }

  /** End it and keep it. */
  stop() {
    this.#end();
    return this.done;
  }

  /** End it and keep nothing. */
  cancel() {
    this.#wanted = false;
    this.#end();
    return this.done;
  }

  #end() {
    clearTimeout(this.timer);
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }
}
