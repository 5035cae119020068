// Measures the first load (what index.html names and its static imports) and fails above the limit.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LIMIT_KB = 200;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const files = new Set([...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]));

for (const file of files) {
  if (!file.endsWith(".js")) continue;
  const text = readFileSync(new URL(file, dist), "utf8");
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) files.add(`assets/${name}`);
}

let gzip = gzipSync(html).length;
let brotli = brotliCompressSync(html).length;
for (const file of files) {
  const body = readFileSync(new URL(file, dist));
  const zipped = gzipSync(body, { level: 9 }).length;
  gzip += zipped;
  brotli += brotliCompressSync(body).length;
  console.log(`${(zipped / 1000).toFixed(1).padStart(8)} kB gzip  ${file}`);
}
console.log(
  `first load: ${(gzip / 1000).toFixed(1)} kB gzip, ${(brotli / 1000).toFixed(1)} kB brotli (limit ${LIMIT_KB} kB)`,
);
if (gzip > LIMIT_KB * 1000) {
  console.error(`the first load is above ${LIMIT_KB} kB: load what the search page does not need later`);
  process.exit(1);
}
