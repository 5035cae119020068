// The palette: everything is a few letters away, with the keyboard alone, and the focus comes back.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
let browser;
let files;
let admin;

before(async () => {
  files = h.scratch();
  files.write({
    "docs/heron.md": "# Heron\n\nIt stands still.\n",
    "docs/egret.md": "# Egret\n\nIt is white.\n",
  });
  server = await h.startServer(files.path("data"));
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
  await h.addFolder(admin.page, { path: files.path("docs"), name: "Bird papers" });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

afterEach(() => assert.deepEqual(admin.complaints.splice(0), []));

const palette = (page) => page.getByRole("dialog", { name: "Search or jump to" });
const input = (page) => palette(page).getByRole("combobox");
const chosen = (page) => palette(page).getByRole("option", { selected: true });

async function open(page) {
  await page.getByRole("banner").waitFor();
  await page.keyboard.press("Control+k");
  await input(page).waitFor();
}

test("Ctrl K opens it on every page, Esc takes the text and then closes it, the focus comes back", async () => {
  const { page } = admin;
  await page.goto("/keys");
  const button = page.getByRole("button", { name: "New key" });
  await button.focus();
  await open(page);
  assert.ok(await input(page).evaluate((each) => each === document.activeElement));
  await page.keyboard.type("peo");
  await chosen(page).filter({ hasText: "People" }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await input(page).inputValue(), "");
  await page.keyboard.press("Escape");
  await palette(page).waitFor({ state: "detached" });
  assert.ok(await button.evaluate((each) => each === document.activeElement));
  assert.equal(new URL(page.url()).pathname, "/keys", "Esc closed the palette alone");
});

test("a page is a few letters and Enter away, and takes the focus", async () => {
  const { page } = admin;
  await page.goto("/keys");
  await page.getByRole("button", { name: "New key" }).waitFor();
  await open(page);
  await page.keyboard.type("tas");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/tasks");
  await page.getByRole("heading", { level: 1, name: "Tasks" }).waitFor();
  await h.eventually(
    "the page has the focus",
    async () => (await page.evaluate(() => document.activeElement.id)) === "main",
  );
});

test("the arrows go around, and the input says which row they are on", async () => {
  const { page } = admin;
  await page.goto("/sources");
  await open(page);
  const rows = palette(page).getByRole("option");
  await rows.filter({ hasText: "Bird papers" }).waitFor();
  const last = (await rows.count()) - 1;
  await page.keyboard.press("ArrowUp");
  assert.equal(await rows.nth(last).getAttribute("aria-selected"), "true");
  assert.equal(
    await input(page).getAttribute("aria-activedescendant"),
    await rows.nth(last).getAttribute("id"),
  );
  await page.keyboard.press("ArrowDown");
  assert.equal(await rows.nth(0).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Control+k");
  await palette(page).waitFor({ state: "detached" });
});

test("a source can be opened and synced by its name", async () => {
  const { page } = admin;
  await page.goto("/");
  await h.hits(page).first().waitFor();
  await open(page);
  await page.keyboard.type("bird");
  await chosen(page).filter({ hasText: "Bird papers" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/sources\/\d+$/);
  await open(page);
  await page.keyboard.type("sync bird");
  await chosen(page).filter({ hasText: "Sync Bird papers" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("Sync of Bird papers is queued").waitFor();
});

test("a document turns up below the commands and opens; any text can be searched everywhere", async () => {
  const { page } = admin;
  await page.goto("/sources");
  await open(page);
  await page.keyboard.type("heron");
  await chosen(page).filter({ hasText: "Search everything for “heron”" }).waitFor();
  const document = palette(page).getByRole("group", { name: "Documents" }).getByRole("option");
  await document
    .first()
    .locator("mark", { hasText: /^heron$/i })
    .waitFor();
  await page.keyboard.press("ArrowDown");
  await chosen(page).filter({ hasText: /heron/i }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/view\/\d+\?q=heron$/);
  await open(page);
  await page.keyboard.type("egret");
  await chosen(page).filter({ hasText: "Search everything" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/?q=egret");
  await h.hits(page).filter({ hasText: /egret/i }).first().waitFor();
});

test("the mouse opens and closes it, and it holds no faults for a screen reader in either theme", async () => {
  const { page } = admin;
  await page.goto("/people");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.getByRole("button", { name: /^Search or jump to/ }).click();
    await input(page).fill("e");
    await chosen(page).waitFor();
    assert.deepEqual(await h.accessibilityProblems(page), [], colorScheme);
    await page.mouse.click(4, 400);
    await palette(page).waitFor({ state: "detached" });
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: /^Search or jump to/ }).click();
  await input(page).waitFor();
  await h.fits(page, "the palette");
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("a menu that was opened while a page was on its way stays open", async () => {
  const { page } = admin;
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route("**/assets/keys-page-*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/keys");
  await page.getByRole("button", { name: /^Account of/ }).click();
  release();
  await page.getByRole("button", { name: "New key" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Sign out" }).isVisible());
  await page.unrouteAll({ behavior: "wait" });
});
