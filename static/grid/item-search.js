/**
 * Finds checklist items by what people say. A keyword counts when it stands in the text ("路灯坏了" holds 路灯)
 * or begins with it while one still types; the rarer a keyword over the whole list, the more it counts.
 */

/** items: [{name_zh, name_en, category, keywords}]. Returns find(text, most) -> items, best first. */
export function indexOf(items) {
  const holders = new Map();
  for (const item of items) {
    for (const word of new Set(termsOf(item))) holders.set(word, (holders.get(word) ?? 0) + 1);
  }
  const rarity = (word) => Math.log(1 + items.length / holders.get(word));
  const entries = items.map((item) => ({
    item,
    keywords: item.keywords.map((word) => word.toLowerCase()),
    terms: [...new Set(termsOf(item))],
    names: `${item.name_zh} ${item.name_en} ${item.category}`.toLowerCase(),
  }));

  return function find(text, most = 8) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    return entries
      .map(({ item, keywords, terms, names }) => {
        let score = item.code === wanted ? 100 : 0;
        if (names.includes(wanted)) score += 12;
        for (const term of terms) {
          const weight = rarity(term) * (keywords.includes(term) ? 1 : 0.4);
          if (wanted.includes(term)) score += weight * Math.min(term.length, 4);
          else if (keywords.includes(term) && term.includes(wanted)) score += weight * wanted.length;
        }
        return { item, score };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.item.code.localeCompare(b.item.code))
      .slice(0, most)
      .map(({ item }) => item);
  };
}

/** Keywords, words of the English name, and pairs of neighbouring characters of the Chinese one. */
function termsOf(item) {
  const pairs = [...item.name_zh].slice(1).map((sign, at) => item.name_zh[at] + sign);
  const english = item.name_en.toLowerCase().match(/[a-z]{4,}/g) ?? [];
  return [...item.keywords.map((word) => word.toLowerCase()), ...pairs, ...english];
}
