/** The filter 'near a place': the field shows the name, a hidden one beside it keeps the code for the URL. */
import { attachPlacePicker } from "./place-picker.js";

document.addEventListener("focusin", ({ target: field }) => {
  if (!field.matches("input[data-near]") || field.dataset.ready) return;
  field.dataset.ready = "yes";
  const code = field.form.elements.near;

  function set(value) {
    if (code.value === value) return;
    code.value = value;
    code.dispatchEvent(new Event("change", { bubbles: true }));
  }

  attachPlacePicker(field, {
    onPick: (place) => {
      field.value = place.name;
      set(place.code);
    },
  });
  field.addEventListener("input", () => field.value.trim() || set(""));
  // Words that were typed and never chosen filter nothing: the form waits for a choice.
  field.addEventListener("change", (event) => event.stopPropagation());
});
