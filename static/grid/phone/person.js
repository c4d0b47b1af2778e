/**
 * Who may open the app without a network: the last one who used it on this phone, until they log out or somebody else logs in.
 * Kept in a database of the device, on the disk at once; the cookie of the log-in page says whether it still holds.
 */
import { openStore } from "./store.js";

const KEPT = "person";
const LEAVING = "leaving";
const device = openStore("device");

/** As `GET /api/v1/me/` told them, or null. */
export async function lastPerson() {
  const kept = await (await device).get("cache", KEPT);
  const cookie = document.cookie.match(/(?:^|; )grid_person=(\d+)/)?.[1];
  return kept && (!cookie || Number(cookie) === kept.me.id) ? kept.me : null;
}

export async function rememberPerson(me) {
  await (await device).put("cache", { id: KEPT, me }).catch(() => {});
}

/** Nobody's any more. The server is told as soon as there is a network, before it is asked anything else. */
export async function leave() {
  await (await device).change([], () => [["delete", "cache", KEPT], ["put", "cache", { id: LEAVING }]]);
}

export const isLeaving = async () => Boolean(await (await device).get("cache", LEAVING));
export const hasLeft = async () => (await device).delete("cache", LEAVING);
