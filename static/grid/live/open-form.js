/**
 * A colleague moved the event whose form is open here: the form is told who did what, keeps what was typed, and
 * knows the event's present version from then on. Its own move, whose reply was lost, is no colleague's.
 */
export function openForm() {
  return document.querySelector("[data-move-form][data-since]");
}

export async function askForm() {
  const form = openForm();
  const version = form?.querySelector("[name=version]");
  if (!version || form.classList.contains("htmx-request")) return;
  const known = new URLSearchParams({ version: version.value, request_id: form.elements.request_id.value });
  let answer;
  try {
    answer = await fetch(`${form.dataset.since}?${known}`, {
      headers: { "X-Unattended": "1", "HX-Request": "true" },
      credentials: "same-origin",
    });
  } catch {
    return; // The form says it when it is sent.
  }
  const box = form.querySelector("[data-colleague]");
  if (!form.isConnected || !box) return;
  if (answer.status === 404) {
    box.textContent = form.dataset.textGone;
    box.hidden = false;
    form.querySelector("[data-send]").disabled = true;
  }
  if (answer.status !== 200 || !answer.headers.has("X-Event-Version")) return;
  box.innerHTML = await answer.text();
  box.hidden = false;
  version.value = answer.headers.get("X-Event-Version");
  form.querySelector("[data-send]").disabled = answer.headers.get("X-Move-Possible") !== "yes";
  box.scrollIntoView({ block: "nearest" });
}
