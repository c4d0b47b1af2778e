/**
 * Several tabs, one queue: only one of them sends at a time, and each learns of the others' changes. Sending twice
 * would do no harm, since the server knows every record by its id; it would only cost the worker's data.
 */
const LEASE = 15_000; // milliseconds for which a tab may be silent before another sends in its place
const LOOK = 5_000; // milliseconds between looks at the store where tabs cannot call each other

/** Run `work` alone among the tabs of this store; where another is at it, wait for it or (lease) return false. */
export async function alone({ store, locks, now, wait, me }, work) {
  if (!store.durable) return work(); // Nobody else sees it.
  if (locks) return locks.request(`${store.name}-outbox`, work);
  if (!(await extend(store, now, me))) return false;
  let working = true;
  (async () => {
    while (working) {
      await wait(LEASE / 3);
      if (working) await extend(store, now, me).catch(() => {});
    }
  })();
  try {
    return await work();
  } finally {
    working = false;
    await store.change([["cache", "lease"]], (lease) => (lease?.owner === me ? [["delete", "cache", "lease"]] : []));
  }
}

/** Take the lease or keep it. One that lies further ahead than any lease was made by another clock. */
async function extend(store, now, me) {
  const done = await store.change([["cache", "lease"]], (lease) => {
    const until = now() + LEASE;
    const theirs = lease && lease.owner !== me && lease.until > now() && lease.until <= until;
    return theirs ? [] : [["put", "cache", { id: "lease", owner: me, until }]];
  });
  return done.length > 0;
}

/** Calls between the tabs of one store. `look` returns what would be different after a change. */
export class Tabs {
  constructor(name, { Channel, look, onChange }) {
    if (Channel) {
      this.channel = new Channel(name);
      this.channel.onmessage = onChange;
      return;
    }
    this.timer = setInterval(async () => {
      const seen = await look().catch(() => this.seen);
      if (this.seen !== undefined && this.seen !== seen) onChange();
      this.seen = seen;
    }, LOOK);
  }

  tell() {
    this.channel?.postMessage("changed");
  }

  close() {
    this.channel?.close();
    clearInterval(this.timer);
  }
}
