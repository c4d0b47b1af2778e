/** Reads {items, hints, texts: [[code, text], …]} and writes the place of each text's true item among the proposals. */
import { readFileSync } from "node:fs";

import { propose } from "../../static/grid/phone/propose.js";

const { items, hints, texts } = JSON.parse(readFileSync(0, "utf8"));
const rank = ([code, text]) => propose(text, { items, hints }).findIndex(({ item }) => item.code === code);
process.stdout.write(JSON.stringify(texts.map(rank)));
