/**
 * A short tone for a new event, a double one for a critical one, made here. Off is remembered. Browsers play nothing
 * before the page was touched: the button says so. Of several tabs one sounds.
 */
const KEY = "live.sound";
const TONES = { arrived: [[660, 0], [880, 0.16]], critical: [[988, 0], [740, 0.2], [988, 0.4], [740, 0.6]] };
const button = document.querySelector("[data-sound]");
let audio = null;

const isOn = () => localStorage.getItem(KEY) !== "off";

function show() {
  if (!button) return;
  const state = !isOn() ? "off" : audio?.state === "running" ? "on" : "ask";
  for (const words of button.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
  button.setAttribute("aria-pressed", String(isOn()));
  button.classList.toggle("is-asking", state === "ask");
}

function wake() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  audio = audio || new Context();
  if (audio.state === "suspended") audio.resume().then(show, () => {});
  show();
}

function play(tones) {
  for (const [pitch, after] of tones) {
    const at = audio.currentTime + after;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.18, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.16);
  }
}

export function sound(isCritical) {
  if (!button || !isOn() || audio?.state !== "running") return;
  const start = () => {
    document.documentElement.dataset.sounded = isCritical ? "critical" : "arrived";
    play(TONES[isCritical ? "critical" : "arrived"]);
  };
  if (!navigator.locks) return start();
  // eslint-disable-next-line compat/compat -- looked for in the line above
  navigator.locks.request("grid-live-sound", { ifAvailable: true }, (lock) => {
    if (!lock) return null;
    start();
    return new Promise((done) => setTimeout(done, 1000));
  });
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const wasAsking = isOn() && audio?.state !== "running" && button.classList.contains("is-asking");
    if (!wasAsking) localStorage.setItem(KEY, isOn() ? "off" : "on");
    wake();
  });
  // Not at pointerdown: the button grows shorter, and what is below it would move away under the finger.
  for (const gesture of ["click", "keydown"]) {
    document.addEventListener(gesture, (event) => button.contains(event.target) || wake(), { once: true });
  }
  show();
}
