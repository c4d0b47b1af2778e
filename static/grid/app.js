// Shared behaviours: menus close when one looks elsewhere, notices can be dismissed.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest?.("[data-dismiss]")?.parentElement.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// On a phone the filters stand behind a button.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-unfold]");
  button?.setAttribute("aria-expanded", button.getAttribute("aria-expanded") !== "true");
});

// Empty filters stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches("[data-filters]")) return;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

// A log-in in another tab changes the token of every page open here.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  detail.headers["X-CSRFToken"] = token;
  if (detail.formData.has("csrfmiddlewaretoken")) detail.formData.set("csrfmiddlewaretoken", token);
});

// When the session is over a fragment would be the log-in page: show the whole of it, unless words would be lost.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname !== document.body.dataset.login) return;
  event.detail.shouldSwap = false;
  if (!event.detail.elt.matches("[data-move-form]")) location.reload();
});

// What asks for itself every so often pauses while nobody sees the page; its first request, at load, does not.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (document.hidden && !requestConfig.triggeringEvent && elt.matches("[data-while-seen]")) event.preventDefault();
});
