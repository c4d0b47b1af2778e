/**
 * The form of a move: opened over the event page, sent by htmx, its files sent one by one before it.
 * Whatever goes wrong, what was typed and attached stays in the form.
 */
import { attachItemPicker, nameOf } from "./item-picker.js";
import { focusFirst } from "./move-keys.js";
import "./phrases.js";
import { token } from "./report/send.js";
import { sha256 } from "./report/sha256.js";
import { signOn } from "./signature.js";

/** Looked up anew each time: going back in history replaces it. */
const theDialog = () => document.getElementById("move-dialog");
const REFUSALS = new Set([400, 403, 409, 501]);

// Opening and closing ---------------------------------------------------------------------------

document.addEventListener(
  "click",
  (event) => {
    const dialog = theDialog();
    const opener = event.target.closest("[data-move]");
    if (opener && dialog && !dialog.showModal) {
      event.stopPropagation(); // Safari before 15.4 knows no dialog: the link leads to the form's own page.
      return;
    }
    if (opener) {
      document.getElementById("more-actions")?.hidePopover?.();
      const kept = dialog?.querySelector(`[data-move-form="${opener.dataset.move}"]`);
      if (kept) {
        event.preventDefault();
        event.stopPropagation(); // The form is still here, with what was typed.
        if (!dialog.open) dialog.showModal();
        focusFirst(kept);
      }
    }
    const closer = event.target.closest("[data-close]");
    if (dialog?.open && (closer || event.target === dialog)) {
      event.preventDefault();
      dialog.close();
    }
  },
  true,
);

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr } = event.detail;
  const hasEnded = new URL(xhr.responseURL || location.href).pathname === document.body.dataset.login;
  if (hasEnded && elt.matches("[data-move-form]")) trouble(elt, elt.dataset.textLogin, true);
  if (REFUSALS.has(xhr.status) && xhr.responseText.includes("data-move-form")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt.closest?.("[data-move-form]") ?? event.detail.elt.querySelector?.("[data-move-form]");
  if (!form || form.dataset.ready) return;
  prepare(form);
  const dialog = theDialog();
  dialog?.classList.toggle("is-wide", "wide" in form.dataset);
  if (dialog?.contains(form) && !dialog.open) dialog.showModal();
  focusFirst(form);
});

// Trouble on the way ----------------------------------------------------------------------------

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const form = event.detail.elt.closest("[data-move-form]");
    if (!form) return;
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText || "", "text/html");
    trouble(form, page.querySelector("h1")?.textContent || form.dataset.textOffline);
  });
}

function trouble(form, words, login = false) {
  const box = form.querySelector("[data-trouble]");
  box.hidden = !words;
  box.querySelector("span").textContent = words;
  box.querySelector("a").hidden = !login;
  if (words) box.scrollIntoView({ block: "nearest" });
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target.closest("[data-move-form]");
    if (!form) return;
    const waiting = form.querySelector(".file-sending");
    trouble(form, waiting ? form.dataset.textWait : "");
    if (waiting) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);

// The parts of a form ---------------------------------------------------------------------------

function prepare(form) {
  form.dataset.ready = "yes";
  for (const slot of form.querySelectorAll("[data-slot]")) prepareSlot(form, slot);
  for (const part of form.querySelectorAll("[data-filter]")) filterable(part);
  const picker = form.querySelector("[data-item-picker]");
  if (picker) pickable(form, picker);
  const leading = form.querySelector("[data-leading]");
  if (leading) eitherOr(leading);
}

/** One of the offered events, or a typed number: never both. */
function eitherOr(part) {
  const typed = part.querySelector("input:not([type=radio])");
  typed.addEventListener("input", () => {
    for (const radio of part.querySelectorAll("[type=radio]")) radio.checked = false;
  });
  part.addEventListener("change", (event) => {
    if (event.target.type === "radio") typed.value = "";
  });
}

/** The field keeps the code; what it stands for is told beside it. */
function pickable(form, input) {
  input.removeAttribute("list"); // The datalist is for the page without JavaScript.
  attachItemPicker(input, {
    onPick(item) {
      input.value = item.code;
      form.querySelector("[data-picked]").textContent = nameOf(item);
      input.dispatchEvent(new Event("change", { bubbles: true })); // The deadlines follow.
    },
    words: { nothing_found: form.dataset.textNothing },
  });
}

function filterable(part) {
  const input = part.querySelector("[data-filter-input]");
  const rows = [...part.querySelectorAll("[data-filter-group] .choice")];
  const count = part.querySelector("[data-filter-count]");
  const tell = () => {
    const chosen = rows.filter((row) => row.querySelector("input").checked).length;
    count.textContent = chosen ? `✓ ${chosen}` : "";
  };
  input.hidden = false;
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    for (const group of part.querySelectorAll("[data-filter-group]")) {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    }
  });
  part.addEventListener("change", tell);
  tell();
}

function prepareSlot(form, slot) {
  const send = (file) => upload(form, slot, file);
  for (const input of slot.querySelectorAll("input[type=file]")) {
    input.removeAttribute("name"); // Sent on its own, not with the form.
    input.addEventListener("change", () => {
      for (const file of input.files) send(file);
      input.value = "";
    });
  }
  for (const row of slot.querySelectorAll(".file")) {
    const box = row.querySelector("input");
    box.type = "hidden";
    row.append(removeButton(form, row));
  }
  const pad = slot.querySelector("[data-signature]");
  if (!pad) return;
  const signature = signOn(pad.querySelector("canvas"));
  const opener = slot.querySelector("[data-sign]");
  opener.hidden = false;
  opener.addEventListener("click", () => {
    pad.hidden = !pad.hidden;
    if (!pad.hidden) pad.scrollIntoView({ block: "nearest" });
  });
  pad.querySelector("[data-clear]").addEventListener("click", signature.clear);
  pad.querySelector("[data-use]").addEventListener("click", async () => {
    if (signature.isEmpty()) return;
    send(await signature.file());
    signature.clear();
    pad.hidden = true;
  });
}

// Sending one file ------------------------------------------------------------------------------

async function upload(form, slot, file) {
  const row = document.createElement("li");
  row.className = "file file-sending";
  const picture = file.type.startsWith("image/");
  row.innerHTML = `${picture ? '<img alt="">' : '<i class="ti ti-file-type-pdf" aria-hidden="true"></i>'}<span></span><progress max="100" value="0"></progress>`;
  if (picture) preview(row.querySelector("img"), file);
  row.querySelector("span").textContent = file.name;
  slot.querySelector("[data-files]").append(row);

  const body = new FormData();
  body.append("kind", slot.dataset.slot);
  body.append("file", file);
  body.append("sha256", await sha256(file));

  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.upload);
  request.responseType = "json";
  request.timeout = 180000;
  request.setRequestHeader("X-CSRFToken", token());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) row.querySelector("progress").value = (event.loaded * 100) / event.total;
  });
  request.addEventListener("loadend", () => {
    row.classList.remove("file-sending");
    row.querySelector("progress").remove();
    if (request.status === 200 || request.status === 201) arrived(form, row, request.response);
    else failed(form, slot, row, file, request.response?.message);
    if (["not_logged_in", "csrf_expired"].includes(request.response?.code)) trouble(form, form.dataset.textLogin, true);
  });
  row.append(removeButton(form, row, () => request.abort()));
  request.send(body);
}

/** A picture the browser cannot draw (HEIC, or none at all) is shown as a file. */
function preview(image, file) {
  const icon = document.createElement("i");
  icon.className = "ti ti-photo";
  icon.setAttribute("aria-hidden", "true");
  image.addEventListener("error", () => image.replaceWith(icon));
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  image.src = URL.createObjectURL(file);
}

function arrived(form, row, stored) {
  const known = form.querySelector(`[name=evidence][value="${stored.id}"]`);
  if (known) {
    row.remove(); // The same bytes again are the same file.
    return;
  }
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "evidence", value: stored.id });
  row.append(hidden);
  row.classList.add("file-here");
  trouble(form, "");
}

function failed(form, slot, row, file, words) {
  if (!row.isConnected) return;
  row.classList.add("file-failed");
  row.querySelector("span").textContent = `${file.name}: ${words || form.dataset.textFailed}`;
  const again = document.createElement("button");
  Object.assign(again, { type: "button", className: "btn", textContent: form.dataset.textRetry });
  again.addEventListener("click", () => {
    row.remove();
    upload(form, slot, file);
  });
  row.querySelector("[data-remove]").before(again);
}

function removeButton(form, row, before = () => {}) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-icon";
  button.dataset.remove = "";
  button.setAttribute("aria-label", form.dataset.textRemove);
  button.innerHTML = '<i class="ti ti-trash" aria-hidden="true"></i>';
  button.addEventListener("click", () => {
    row.remove();
    before();
  });
  return button;
}

for (const form of document.querySelectorAll("[data-move-form]")) if (!form.dataset.ready) prepare(form);
