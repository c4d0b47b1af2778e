/**
 * Hints to this phone while the app is closed: pusher({send}) -> {state, subscribe, unsubscribe}. Each answers
 *
 * - on: this phone is told; off: it could be
 * - denied: the browser asks nobody any more, the person must allow it in its settings
 * - unavailable: the browser cannot, or the service has not set it up: say nothing about hints
 * - unreachable: the browser's own push service does not answer (Chrome in mainland China)
 * - offline: our server does not
 *
 * subscribe() asks for permission, so call it from a tap; where it was given before, nobody is asked.
 */
const SCOPE = "/m/";

export function pusher({ send, workers = navigator.serviceWorker, notifications = globalThis.Notification }) {
  let server = null; // {configured, public_key, known} as it was told last

  const manager = async () => (notifications && (await workers?.getRegistration(SCOPE))?.pushManager) || null;

  /** Whether the server answered. */
  async function ask(subscription) {
    const query = subscription ? `?digest=${await digestOf(subscription.endpoint)}` : "";
    const answer = await send({ path: `push/${query}` });
    if (answer.kind === "ok") server = answer.body;
    return answer.kind === "ok";
  }

  async function state() {
    const push = await manager();
    if (!push) return "unavailable";
    const subscription = await push.getSubscription();
    if (!(await ask(subscription))) return "offline";
    if (!server.configured) return "unavailable";
    // Of somebody who had this phone before, of a log-in that ended, or under a key of before.
    const isStale = subscription && !(server.known && isUnder(subscription, server.public_key));
    if (isStale) await subscription.unsubscribe();
    if (notifications.permission === "denied") return "denied";
    return subscription && !isStale ? "on" : "off";
  }

  async function subscribe() {
    const allowed = await notifications?.requestPermission(); // the first thing: Safari asks only within the tap
    const push = await manager();
    if (!push) return "unavailable";
    if (allowed !== "granted") return allowed === "denied" ? "denied" : "off";
    if (!server && !(await ask(null))) return "offline";
    if (!server.configured) return "unavailable";
    const before = await push.getSubscription();
    if (before && !isUnder(before, server.public_key)) await before.unsubscribe();
    let subscription;
    try {
      subscription = await push.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(server.public_key) });
    } catch {
      return "unreachable";
    }
    const { endpoint, keys } = subscription.toJSON();
    const answer = await send({ method: "POST", path: "push/", json: { endpoint, keys } });
    if (answer.kind === "ok") return "on";
    await subscription.unsubscribe();
    return answer.kind === "refused" ? "unavailable" : "offline";
  }

  /** Also without a network: the push service then tells the server that this phone is gone. */
  async function unsubscribe() {
    const subscription = await (await manager())?.getSubscription();
    if (!subscription) return "off";
    const digest = await digestOf(subscription.endpoint);
    await Promise.all([subscription.unsubscribe(), send({ method: "DELETE", path: `push/?digest=${digest}` })]);
    return "off";
  }

  return { state, subscribe, unsubscribe };
}

async function digestOf(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function isUnder(subscription, publicKey) {
  const key = subscription.options?.applicationServerKey;
  return !key || String(new Uint8Array(key)) === String(bytesOf(publicKey));
}
