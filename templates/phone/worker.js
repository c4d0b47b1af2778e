/**
 * The service worker: what is kept on the phone, as a list of rules. Nothing personal is ever in it: the shell is the
 * same for everybody, and answers of the API pass by, to be kept by the app itself, for each person apart.
 */
importScripts("{{ push }}");

const TOLD = {{ told|safe }};
const KEPT = `grid-app-${TOLD.version}`;

/** The first rule that matches decides; what no rule names goes to the network as if there were no worker. */
const RULES = [
  { matches: (path) => path === TOLD.shell, answer: () => kept(TOLD.shell) },
  { matches: (path) => TOLD.parts.includes(path), answer: (path) => kept(path) },
  { matches: (path) => TOLD.later.includes(path), answer: (path) => keptOnUse(path) },
];

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  const rule = RULES.find(({ matches }) => matches(pathname));
  if (rule) event.respondWith(rule.answer(pathname));
});

async function kept(path) {
  const cache = await caches.open(KEPT);
  return (await cache.match(path, { ignoreVary: true })) ?? fetch(path);
}

async function keptOnUse(path) {
  const cache = await caches.open(KEPT);
  const found = await cache.match(path, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(path);
  if (answer.ok) await cache.put(path, answer.clone());
  return answer;
}

/** All of the app or nothing: a phone never has half of a version. What the page just fetched is asked for, not sent again. */
self.addEventListener("install", (event) => event.waitUntil(keep([TOLD.shell, ...TOLD.parts])));

async function keep(paths) {
  const cache = await caches.open(KEPT);
  await cache.addAll(paths.map((path) => new Request(path, { cache: "no-cache" })));
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("grid-app-") && name !== KEPT).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("message", ({ data, ports }) => {
  if (data === "take over") self.skipWaiting();
  if (data === "another language") keep([TOLD.shell]).then(() => ports[0].postMessage("done"), () => ports[0].postMessage("failed"));
});

onPush(self);
