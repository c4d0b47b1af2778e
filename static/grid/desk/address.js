/** The page's state is its address. Everything here reads or changes that, and nothing else keeps it. */

/** The value of a name in the address, or "". */
export const told = (name) => new URLSearchParams(location.search).get(name) ?? "";

/** The address with changes; an empty value takes the name away, and another list begins at its first page. */
export function changed(changes, { keepPage = false } = {}) {
  const query = new URLSearchParams(location.search);
  if (!keepPage) query.delete("after");
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  return location.pathname + (text ? `?${text}` : "");
}

/** Keep a change of the panes in the address; `push` makes a step one can go back to. The state is htmx's own. */
export function keep(changes, { push = false } = {}) {
  const url = changed(changes, { keepPage: true });
  if (push) history.replaceState({ htmx: true }, "", location.href); // So that htmx restores it when one goes back.
  history[push ? "pushState" : "replaceState"]({ htmx: true }, "", url);
  const form = document.getElementById("filters");
  for (const [name, value] of Object.entries(changes)) {
    if (form?.elements[name]) form.elements[name].value = value;
  }
}

/** Ask for the list with these filters, which the map then shows whole; the server says what the address then is. */
export function look(changes) {
  const desk = document.getElementById("desk");
  return htmx.ajax("GET", changed({ at: "", ...changes }), { source: desk, target: "#desk", swap: "outerHTML" });
}
