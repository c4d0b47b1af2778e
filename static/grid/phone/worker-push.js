/**
 * Hints in the service worker, a classic script: importScripts() it, then onPush(self, {icon, badge}).
 *
 * A push is shown as it came (the server worded it) and told to open windows of the app as {kind: "hint", tag, notice}.
 * A tap brings the app to the front and tells it {kind: "open", url, notice}, or opens it there.
 */
self.onPush = function onPush(worker, { icon, badge } = {}) {
  const app = new URL(worker.registration.scope);

  const windows = async () => {
    const found = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    return found.filter((each) => each.url.startsWith(app.href));
  };

  /** What was pushed; a browser takes it amiss when nothing is shown, so an unreadable one shows whose it is. */
  const read = (data) => {
    try {
      return data.json();
    } catch {
      return {};
    }
  };

  async function show(hint) {
    const { tag = "hint", title = app.host, notice } = hint;
    const url = new URL(hint.url || "", app).href;
    const data = { notice, url: url.startsWith(app.href) ? url : app.href };
    await worker.registration.showNotification(title, { tag, renotify: true, icon, badge, data });
    for (const each of await windows()) each.postMessage({ kind: "hint", tag, notice });
  }

  async function open({ url, notice }) {
    const [there] = await windows();
    if (!there) return worker.clients.openWindow(url);
    there.postMessage({ kind: "open", url, notice });
    return there.focus();
  }

  worker.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data));
  });
};
