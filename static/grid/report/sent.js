/** After the report is stored: its number, and its photos one by one. */
import { sendPhoto } from "./send.js";

/** stored: {number, url, place}; files: [{kind, name, blob, sha256}]; url: where the event takes evidence. */
export function showSent(stored, files, { words, url }) {
  const panel = document.querySelector("[data-sent]");
  const find = (name) => panel.querySelector(`[data-sent-${name}]`);
  const bar = panel.querySelector("progress");
  let waiting = files;

  find("number").textContent = stored.number;
  find("place").textContent = [stored.item_name, stored.place].filter(Boolean).join(" · ");
  find("event").href = stored.url;
  find("photos").hidden = files.length === 0;
  panel.hidden = false;
  panel.focus();
  scrollTo({ top: 0 });

  const warn = (event) => event.preventDefault();
  find("retry").addEventListener("click", send);
  if (files.length) send();

  async function send() {
    addEventListener("beforeunload", warn);
    find("retry").hidden = find("login").hidden = true;
    find("failures").replaceChildren();
    const left = [];
    for (const file of waiting) {
      const done = files.length - waiting.length + waiting.indexOf(file);
      say(words.uploading, { done: done + 1, all: files.length });
      try {
        await sendPhoto(url, file, (share) => (bar.value = (done + share) / files.length));
      } catch (error) {
        left.push(file);
        failed(file, error);
        if (error.kind === "log_in") find("login").hidden = false;
      }
    }
    waiting = left;
    bar.value = (files.length - left.length) / files.length;
    find("retry").hidden = left.length === 0;
    say(left.length ? words.photos_left : words.uploaded, { left: left.length, all: files.length });
    if (left.length === 0) removeEventListener("beforeunload", warn);
  }

  function say(text, values) {
    find("progress").textContent = text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function failed(file, error) {
    const fallback = words[error.kind] ?? words.server;
    const line = document.createElement("li");
    line.textContent = `${file.name}: ${error.answer?.message ?? fallback}`;
    find("failures").append(line);
  }
}
