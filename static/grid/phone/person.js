/** Who may open the app without a network: the last to log in on this phone, until they log out. */
const PLACE = "grid-phone-person";
const LEAVING = "grid-phone-leaving";

export function lastPerson() {
  return JSON.parse(read(PLACE) ?? "null");
}

export const rememberPerson = (me) => write(PLACE, JSON.stringify(me));

/** Nobody's any more. The server is told as soon as there is a network, before it is asked anything else. */
export function leave() {
  write(PLACE, null);
  write(LEAVING, "yes");
}

export const isLeaving = () => read(LEAVING) !== null;
export const hasLeft = () => write(LEAVING, null);

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // In private mode nothing is kept, and the server is asked each time.
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // As above.
  }
}
