/** After sending: at once that it is kept, then the number when the server has it, then its photos one by one. */
import { find, fromTemplate, icon, put } from "../dom.js";
import { word } from "../words.js";

/** Why it is still here. */
function waitWords({ outbox: { paused, trouble }, failure, me }) {
  if (paused) return word(`paused_${paused}`, { name: me.name });
  return word(trouble || failure ? "kept_words" : "sending");
}

/** joined: whether it was added to another event; photos: how many files go with it. */
export function showSent(root, app, { id, joined, photos }) {
  const view = fromTemplate("sent");
  root.className = "on-sent";
  document.body.dataset.shown = "sent";
  root.replaceChildren(view);
  scrollTo(0, 0);
  view.focus();
  find(view, "again").addEventListener("click", () => app.shoot());

  const draw = async () => {
    const [rows, sent] = [await app.outbox.list(), await app.outbox.sent()];
    if (!view.isConnected) {
      removeEventListener("grid-outbox", draw);
      return;
    }
    const done = sent.find((row) => row.id === id);
    const waiting = rows.filter((row) => row.kind === "file" && row.event === id);
    const refused = rows.find((row) => row.id === id && row.state === "stopped");
    if (refused) {
      app.go("#/outbox");
      return;
    }
    const arrived = photos - waiting.length;
    const shown = app.me.training ? word("training_words") : joined ? word("joined_words") : "";
    const photoWords = !photos ? "" : waiting.length ? word("photos_on_way", { done: arrived, all: photos }) : word("all_arrived");
    view.classList.toggle("is-waiting", !done);
    view.dataset.state = !done ? "kept" : waiting.length ? "photos" : "complete";
    find(view, "sent-icon").replaceChildren(icon(done ? "done" : "clock"));
    put(view, { head: word(done ? "reported" : "kept_head"), number: done?.number ?? "", words: done ? [shown, photoWords].filter(Boolean).join(" ") : waitWords(app) });
    const bar = find(view, "progress");
    bar.hidden = !done || waiting.length === 0;
    bar.value = photos ? arrived / photos : 1;
  };
  addEventListener("grid-outbox", draw);
  draw();
}
