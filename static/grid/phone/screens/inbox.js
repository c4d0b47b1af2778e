/** What I was told: answers to my reports first of all. */
import { find, fromTemplate, put } from "../dom.js";
import { moment, word } from "../words.js";

export async function show(root, app) {
  const view = fromTemplate("inbox");
  root.append(view);
  let notices = [];
  let known = false; // Whether the server ever told.

  function draw() {
    find(view, "empty").hidden = notices.length > 0 || !known;
    find(view, "notices").replaceChildren(
      ...notices.map((notice) => {
        const element = fromTemplate("notice");
        put(element, { title: notice.item_name, words: notice.words, answer: notice.answer, foot: [notice.place, notice.by, moment(notice.at)].filter(Boolean).join(" · ") });
        find(element, "answer").hidden = !notice.answer;
        find(element, "open").href = `#/event/${notice.event}`;
        find(element, "open").addEventListener("click", () => read({ notice: notice.id }));
        element.classList.toggle("is-unread", !notice.is_read);
        return element;
      }),
    );
  }

  async function read(which) {
    await app.ask({ method: "POST", path: "inbox/read/", json: which });
  }

  async function refresh() {
    const answer = await app.api.read("inbox", "inbox/");
    app.asOf(view, answer);
    notices = answer.value?.results ?? notices;
    known ||= Boolean(answer.value);
    if (!known) find(view, "as-of").textContent = word(answer.failure === "offline" ? "offline_empty" : "server");
    draw();
    const unread = await app.api.read("unread", "inbox/unread/");
    app.mark("inbox", unread.value?.unread);
  }

  find(view, "read-all").addEventListener("click", async () => {
    const last = notices[0];
    if (!last) return;
    await read({ until: last.at });
    refresh();
  });
  const kept = (await app.api.kept("inbox"))?.value;
  notices = kept?.results ?? [];
  known = Boolean(kept);
  draw();
  await refresh();
}
