/** Who may open the app without a network: the last to log in on this phone, until they log out. */
const PLACE = "grid-phone-person";

export function lastPerson() {
  try {
    return JSON.parse(localStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

export function rememberPerson(me) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(me));
  } catch {
    // In private mode the app asks the server each time.
  }
}

export function forgetPerson() {
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // Nothing was kept.
  }
}
