// Photographs pages of the mock in both themes and several widths, and lists what the console said.
//
//   node dev/look.mjs <base url> <folder> [path …]
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [base, folder, ...paths] = process.argv.slice(2);
const widths = (process.env.WIDTHS ?? "360,768,1280,2560").split(",").map(Number);
const themes = (process.env.THEMES ?? "light,dark").split(",");
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
for (const theme of themes) {
  for (const width of widths) {
    const context = await browser.newContext({
      viewport: { width, height: width < 600 ? 740 : width > 2000 ? 1300 : 800 },
      colorScheme: theme,
    });
    const page = await context.newPage();
    page.on(
      "console",
      (message) =>
        ["error", "warning"].includes(message.type()) &&
        console.log(`${theme} ${width} ${page.url()}: ${message.text()}`),
    );
    page.on("pageerror", (error) => console.log(`${theme} ${width} ${page.url()}: ${error.stack}`));
    for (const path of paths) {
      await page.goto(base + path, { waitUntil: "load" });
      await page.waitForTimeout(700);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${theme} ${width} ${path}: ${wide} px wider than the window`);
      const name = path.replace(/[^a-z0-9]+/gi, "_").replace(/^_|_$/g, "") || "search";
      await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png` });
    }
    await context.close();
  }
}
await browser.close();
