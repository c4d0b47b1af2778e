/** The size of the letters: of the phone, not of the person. It is set as soon as the script is there. */
const KEPT = "grid-text-size";

export function setTextSize(size) {
  document.documentElement.dataset.size = size;
  try {
    localStorage.setItem(KEPT, size);
  } catch {
    // For this time only.
  }
}

/** As it was chosen last. */
export function restoreTextSize() {
  try {
    document.documentElement.dataset.size = localStorage.getItem(KEPT) ?? "normal";
  } catch {
    // Nothing is kept here.
  }
}
