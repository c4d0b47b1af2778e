/**
 * The service worker, where there is one (a webview may have none, and the app still works online): the app's files are
 * kept on the phone, and a new version waits until the person takes it.
 */
import { find } from "./dom.js";

const LOOK_FOR_NEW_MS = 30 * 60_000;
let offered = null; // The browser's own offer to install the app.

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered = event;
  dispatchEvent(new CustomEvent("grid-install"));
});

/** Whether the browser offers to put the app on the home screen; `install()` takes the offer. */
export const canInstall = () => offered !== null;

export async function install() {
  await offered?.prompt();
  offered = null;
}

export async function installWorker() {
  if (!navigator.serviceWorker) return;
  const { worker, shell } = document.body.dataset;
  const hadOne = Boolean(navigator.serviceWorker.controller);
  const registration = await navigator.serviceWorker.register(worker, { scope: shell }).catch(() => null);
  if (!registration) return;
  const offer = () => {
    if (!registration.waiting || !hadOne) return;
    const bar = find(document, "update");
    bar.hidden = false;
    find(bar, "update-now").onclick = () => registration.waiting?.postMessage("take over");
  };
  offer();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  let reloads = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!hadOne || reloads) return;
    reloads = true;
    location.reload(); // The draft and the outbox are in the store.
  });
  const look = () => document.visibilityState === "visible" && registration.update().catch(() => {});
  setInterval(look, LOOK_FOR_NEW_MS);
}

/** The kept shell again, after the language was changed. */
export async function renewShell() {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return;
  const { port1, port2 } = new MessageChannel();
  const done = new Promise((resolve) => (port1.onmessage = resolve));
  worker.postMessage("another language", [port2]);
  await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 5000))]);
}
