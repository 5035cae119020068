// Copies the API documentation's viewers into the build, so that /docs and /redoc ask nothing of anybody else.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const modules = new URL("../node_modules/", import.meta.url);

for (const dir of ["vendor/swagger-ui/", "vendor/redoc/"]) mkdirSync(new URL(dir, dist), { recursive: true });
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"]) {
  cpSync(new URL(`swagger-ui-dist/${file}`, modules), new URL(`vendor/swagger-ui/${file}`, dist));
}

// ReDoc's foot loads a logo from its maker's network: that address is taken out.
const NO_LOGO = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
const redoc = readFileSync(new URL("redoc/bundles/redoc.standalone.js", modules), "utf8");
const logo = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini\.svg/g;
const quiet = redoc.replace(logo, NO_LOGO).replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
if (quiet.includes("cdn.redoc"))
  throw new Error("redoc.standalone.js still names an outside address: see scripts/vendor.mjs");
writeFileSync(new URL("vendor/redoc/redoc.standalone.js", dist), quiet);
cpSync(new URL("redoc/LICENSE", modules), new URL("vendor/redoc/LICENSE", dist));

for (const name of ["swagger", "redoc"]) {
  for (const kind of ["html", "js"]) {
    const file = new URL(`../api-docs/${name}.${kind}`, import.meta.url);
    const to = kind === "html" ? `${name === "swagger" ? "docs" : "redoc"}.html` : `vendor/${name}.js`;
    cpSync(file, new URL(to, dist));
  }
}
