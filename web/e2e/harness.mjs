// Starts the real binary with an empty data folder and a real browser, and fails on anything the browser complains of.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const BIN = process.env.FOSSICK_BIN ?? fileURLToPath(new URL("../../target/debug/fossick", import.meta.url));
const CHROMIUM = process.env.FOSSICK_CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
export const PASSWORD = "correct horse battery staple";
const START_MS = 60_000;
/** How many times slower the browser's pages run: what only holds on a quick machine shows. */
const SLOWER = Number(process.env.FOSSICK_E2E_SLOWER ?? 1);

/** A folder for one test file; `write` puts files into it. */
export function scratch() {
  const root = mkdtempSync(join(tmpdir(), "fossick-e2e-"));
  return {
    root,
    path: (name) => join(root, name),
    write: (files) => {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), content);
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs `fossick serve` on a free port, with `name=value` settings; answers once it has printed its set-up link. */
export async function startServer(dataDir, settings = []) {
  if (!existsSync(BIN)) throw new Error(`there is no binary at ${BIN}: build it, or set FOSSICK_BIN`);
  const port = await freePort();
  const set = settings.flatMap((setting) => ["--set", setting]);
  const child = spawn(BIN, ["serve", "--data-dir", dataDir, "--listen", `127.0.0.1:${port}`, ...set], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const base = `http://127.0.0.1:${port}`;
  const output = [];
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const setupPath = await new Promise((resolve, reject) => {
    const give = (why) => reject(new Error(`${why}; it said:\n${output.join("\n")}`));
    const timer = setTimeout(() => give("the server printed no set-up link in time"), START_MS);
    child.once("error", reject);
    child.once("exit", (code) => give(`the server ended with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        output.push(line);
        const link = /\/setup\/[\w.~-]+/.exec(line)?.[0];
        if (link) {
          clearTimeout(timer);
          resolve(link);
        }
      });
    }
  });
  await eventually("the server is ready", async () => (await fetch(`${base}/readyz`)).ok);
  return {
    base,
    setupPath,
    output,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Asks until `probe` answers something true: for what no event of the page announces. */
export async function eventually(what, probe, within = 30_000 * SLOWER) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not in time: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function startBrowser() {
  return chromium.launch({
    executablePath: CHROMIUM,
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
}

/**
 * A page of its own session. `complaints` collects console errors, exceptions, violations of the security policy and
 * requests to anywhere else; a refused call that a test provokes is named with `expectRefusal`.
 */
export async function openPage(browser, base, options = {}) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width: 1280, height: 800 },
    // Colours and places are looked at when they have arrived.
    reducedMotion: "reduce",
    ...options,
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: base });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000 * SLOWER);
  if (SLOWER > 1) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  }
  const complaints = [];
  const refusals = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`security policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    const refused =
      message.text().startsWith("Failed to load resource") && refusals.some((part) => url.includes(part));
    if (!refused) complaints.push(`console: ${message.text()} (${url})`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const own = url.origin === base || url.protocol === "data:" || url.protocol === "blob:";
    if (!own) complaints.push(`request to ${url.origin}`);
  });
  return { page, context, complaints, expectRefusal: (part) => refusals.push(part) };
}

/** Runs axe on what is shown and answers what it finds, in lines. */
export async function accessibilityProblems(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(() =>
    window.axe.run(document, {
      preload: false,
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa"],
    }),
  );
  return result.violations.flatMap((rule) =>
    rule.nodes.map(
      (node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`,
    ),
  );
}

/** Waits until the page is no wider than its window; after a change of its size it takes a frame to fold itself. */
export const fits = (page, what) =>
  eventually(`${what} fits its window`, () =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
  );

/** Follows a set-up, invitation or reset link and fills in its form; ends on the search page. */
export async function joinByLink(page, path, name, email) {
  await page.goto(path);
  await page.getByLabel("Your name").fill(name);
  const mail = page.getByLabel("E-mail");
  if (await mail.isEditable()) await mail.fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
  await searchBox(page).waitFor();
}

/** Lets the page believe that somebody looks at it (`visible`), or nobody (`hidden`). */
export const look = (page, state) =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

/** Two frames later the page has shown whatever came. */
export const settled = (page) =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

export const searchBox = (page) => page.getByRole("combobox", { name: "Search" });
export const hits = (page) => page.getByRole("listbox", { name: "Hits" }).getByRole("option");

/** Calls the API as the signed-in person of the page. */
export function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: { "content-type": "application/json", "x-fossick-csrf": session.csrf ?? "" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, text, body: text.startsWith("{") ? JSON.parse(text) : null };
    },
    [method, path, body],
  );
}

/** Adds a folder through the wizard and waits until its first sync has ended. */
export async function addFolder(page, { path, name, visibility = "Only me" }) {
  await page.goto("/sources/new?connector=folder");
  await page
    .getByLabel(/^(Folder|Path)/)
    .first()
    .fill(path);
  await page.getByRole("button", { name: "Count the files" }).click();
  const add = page.getByRole("button", { name: /^Add and sync/ });
  await add.waitFor();
  const label = await add.innerText();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel(visibility).check();
  await add.click();
  await page.waitForURL(/\/sources\/\d+$/);
  const id = Number(/\d+$/.exec(page.url())[0]);
  await page.getByText("Synced", { exact: true }).waitFor({ timeout: 60_000 * SLOWER });
  await indexed(page, id);
  return { id, label };
}

/** Waits until every record of a source can be found: the index follows what has landed within a second or so. */
export async function indexed(page, source) {
  await eventually(`source ${source} can be searched`, async () => {
    const { records } = (await api(page, "GET", `/sources/${source}`)).body;
    const found = await page.evaluate(async (source) => {
      const key = await (await fetch("/api/v1/search-key")).json();
      const answer = await fetch("/1/indexes/*/queries", {
        method: "POST",
        headers: { "x-algolia-application-id": key.application_id, "x-algolia-api-key": key.key },
        body: JSON.stringify({
          requests: [{ indexName: key.index, query: "", numericFilters: [`source_id=${source}`] }],
        }),
      });
      return (await answer.json()).results[0].nbHits;
    }, source);
    return found === records;
  });
}
