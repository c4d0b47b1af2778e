import { indexOf } from "../item-search.js";
export function propose(text, { items, recents = [], usual = [] }) {
  if (!text.trim()) return [...recents, ...usual].map((code) => items.find((item) => item.code === code)).filter(Boolean).map((item) => ({ item }));
  return indexOf(items)(text).map((item) => ({ item }));
}
