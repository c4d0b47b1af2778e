/**
 * One connection to the live process for all tabs of this browser: the tab that holds a lock keeps it and tells the
 * others. Without locks or channels each tab has its own. It comes back by itself, later each time it fails, and at once
 * when the network is back.
 */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 45_000; // Three beats of the server.

/** `onHint({all, events})` for each hint, `onState(stands)` when hints begin or cease to arrive. */
export function listen({ address, person, onHint, onState }) {
  const name = `grid-live-${person}`;
  // eslint-disable-next-line compat/compat -- looked for here; where one is missing each tab listens for itself
  const shares = Boolean(navigator.locks && window.BroadcastChannel);
  // eslint-disable-next-line compat/compat -- both are there when it shares
  const channel = shares ? new BroadcastChannel(name) : null;
  let keeps = false;
  let stands = false;

  const state = (now) => {
    stands = now;
    onState(now);
  };
  const tell = (message) => {
    if (message.hint) onHint(message.hint);
    if ("stands" in message) state(message.stands);
    channel?.postMessage(message);
  };

  if (channel) {
    channel.addEventListener("message", ({ data }) => {
      if (data.asks && keeps) channel.postMessage({ stands });
      if (keeps) return;
      if (data.hint) onHint(data.hint);
      if ("stands" in data) state(data.stands);
    });
    channel.postMessage({ asks: true });
    navigator.locks.request(name, () => {
      keeps = true;
      keep(address, tell);
      return new Promise(() => {}); // Until this tab closes.
    });
  } else {
    keep(address, tell);
  }
}

function keep(address, tell) {
  let pause = FIRST_PAUSE_MS;
  let hasStood = false;
  let watch = 0;
  let source = null;
  let next = 0;

  const open = () => {
    clearTimeout(next);
    source = new EventSource(address, { withCredentials: true });
    const again = () => {
      source.close();
      clearTimeout(watch);
      tell({ stands: false });
      next = setTimeout(open, pause * (0.5 + Math.random()));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    };
    const isHeard = () => {
      clearTimeout(watch);
      watch = setTimeout(again, SILENCE_MS);
    };
    source.addEventListener("error", again);
    source.addEventListener("beat", isHeard);
    source.addEventListener("state", (event) => {
      isHeard();
      const { hears } = JSON.parse(event.data);
      tell({ stands: hears });
      if (!hears) return;
      pause = FIRST_PAUSE_MS;
      if (hasStood) tell({ hint: { all: true, events: [] } }); // What was missed meanwhile.
      hasStood = true;
    });
    source.addEventListener("hint", (event) => {
      isHeard();
      tell({ hint: JSON.parse(event.data) });
    });
  };
  open();
  window.addEventListener("online", () => {
    source.close(); // It may hang on a network that is gone.
    clearTimeout(watch);
    open();
  });
}
