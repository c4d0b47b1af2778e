/**
 * The app as the phone gets it: one script and one style sheet instead of thirty, in static_built/. One of thirty
 * lost on a bad network kept the app from starting. `target` also turns away what old browsers cannot read.
 */
import { readFile } from "node:fs/promises";

import { build } from "esbuild";

const { browserslist } = JSON.parse(await readFile("package.json", "utf8"));

await build({
  entryPoints: [
    { in: "static/grid/phone/app.js", out: "app" },
    { in: "static/grid/phone/phone.css", out: "app" },
  ],
  outdir: "static_built/grid/m", // As deep as static/grid/phone/: what stays outside is found by the same addresses.
  external: ["../map.js", "../../leaflet/*", "../../qr/*"], // Fetched when the first map or the scanner is opened.
  bundle: true,
  format: "esm",
  minify: true,
  target: browserslist.map((browser) => browser.replace(" ", "")), // What the lint holds the scripts to, too.
  logLevel: "warning",
});
