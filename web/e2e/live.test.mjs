// What changes while a page is open: what lands turns up by itself, what is being read stays.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

const PAGE = 30;
const FILLER = "The tide comes in and goes out again.\n".repeat(8000);

let server;
let browser;
let files;
let admin;
let source;

before(async () => {
  files = h.scratch();
  files.write({ "docs/long.txt": `A cormorant dives.\n${FILLER}A cormorant comes up.\n` });
  for (let at = 0; at < PAGE + 6; at += 1) {
    files.write({ [`docs/tern-${at}.md`]: `# Tern ${at}\n\nTern number ${at} of the colony.\n` });
  }
  server = await h.startServer(files.path("data"));
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
});

after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

afterEach(() => assert.deepEqual(admin.complaints.splice(0), []));

/** Writes files and has them read. */
async function land(page, written) {
  files.write(written);
  assert.equal((await h.api(page, "POST", `/sources/${source}/sync`, { mode: "incremental" })).status, 202);
}

const title = (row) => row.locator(".row-title").innerText();

test("an index that is still being built says so, and its hits turn up by themselves", async () => {
  const { page } = admin;
  await h.api(page, "POST", "/queues/upload/pause");
  const config = { path: files.path("docs") };
  const body = { connector: "folder", name: "Shore", config, visibility: { to: "owner" } };
  const added = await h.api(page, "POST", "/sources", body);
  assert.equal(added.status, 201, added.text);
  source = added.body.id;
  await h.eventually("something has landed", async () => {
    const { index } = (await h.api(page, "GET", "/status")).body;
    return index.documents === 0 && index.behind > 0;
  });
  await page.goto("/");
  await page.getByText("The search index is being built").waitFor();
  assert.deepEqual(await h.accessibilityProblems(page), []);
  await h.api(page, "POST", "/queues/upload/resume");
  await h.hits(page).first().waitFor();
  await h.indexed(page, source);
});

test("what lands turns up where nothing was found, and what is read stays selected", async () => {
  const { page } = admin;
  await page.goto("/?q=dunlin");
  await page.getByText("Nothing found for “dunlin”").waitFor();
  await land(page, { "docs/dunlin-b.md": "# Dunlin in the second place\n\nOne dunlin.\n" });
  await h.hits(page).first().waitFor();
  await page.locator(".preview h2", { hasText: "Dunlin in the second place" }).waitFor();
  await land(page, { "docs/dunlin.md": "# Dunlin\n\nDunlin, dunlin, dunlin.\n" });
  await h.hits(page).nth(1).waitFor();
  const chosen = page.getByRole("option", { selected: true });
  assert.equal(await title(chosen), "Dunlin in the second place");
});

test("who has read on keeps the rows, and is told that there is more", async () => {
  const { page } = admin;
  await page.goto("/");
  await h
    .hits(page)
    .nth(PAGE - 1)
    .scrollIntoViewIfNeeded();
  await h.hits(page).nth(PAGE).waitFor();
  const first = await title(h.hits(page).first());
  const shown = await h.hits(page).count();
  await land(page, { "docs/sanderling.md": "# Sanderling\n\nIt runs along the edge of the water.\n" });
  const anew = page.getByRole("button", { name: "Look for new hits" });
  await anew.waitFor();
  const place = await anew.boundingBox();
  assert.ok(place.y >= 0 && place.y < 100, "it is in view for who has scrolled down");
  assert.deepEqual(await h.accessibilityProblems(page), []);
  assert.equal(await title(h.hits(page).first()), first);
  assert.equal(await h.hits(page).count(), shown);
  await h.indexed(page, source);
  await anew.click();
  await h.hits(page).first().filter({ hasText: "Sanderling" }).waitFor();
  await anew.waitFor({ state: "detached" });
});

test("the same search asks the server again", async () => {
  const { page } = admin;
  await page.goto("/?q=tern");
  await h.hits(page).first().waitFor();
  const asks = (query) =>
    page.waitForRequest((request) => request.postData()?.includes(`"query":"${query}"`) ?? false);
  await Promise.all([asks("tern 1"), h.searchBox(page).fill("tern 1")]);
  await Promise.all([asks("tern"), h.searchBox(page).fill("tern")]);
});

test("a page that nobody looks at holds no connection, and catches up when somebody does", async () => {
  const { page } = admin;
  const isStream = (request) => request.url().endsWith("/api/v1/events");
  const opened = page.waitForRequest(isStream);
  await page.goto("/?q=tern");
  const stream = await opened;
  await h.hits(page).first().waitFor();
  const ended = page.waitForEvent("requestfailed", (request) => request === stream);
  await h.look(page, "hidden");
  await ended;
  const searched = page.waitForRequest((request) => request.url().includes("/1/indexes/"));
  const again = page.waitForRequest(isStream);
  await h.look(page, "visible");
  await Promise.all([again, searched]);
});

test("the next match of a long document comes into view, however far away", async () => {
  const { page } = admin;
  await page.goto("/?q=cormorant");
  const preview = page.locator(".preview");
  await preview.getByText("1 of 2 matches").waitFor();
  await preview.getByRole("button", { name: "Next match" }).click();
  await preview.getByText("2 of 2 matches").waitFor();
  await preview.locator("mark.current, [data-mark='1']").waitFor();
  const isInView = await page.evaluate(() => {
    const box = document.querySelector(".document").getBoundingClientRect();
    const mark = document.querySelector("[data-mark='1']").getBoundingClientRect();
    return mark.top >= box.top && mark.bottom <= box.bottom;
  });
  assert.ok(isInView);
  await preview.getByRole("button", { name: "Next match" }).click();
  await preview.locator("[data-mark='0']").waitFor();
});

test("the preview keeps its text until the newer one is there", async () => {
  const { page } = admin;
  await page.goto("/?q=sanderl");
  const text = page.locator(".preview .document-text");
  await text.first().waitFor();
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route("**/preview?q=sanderling", async (route) => {
    await held;
    await route.continue();
  });
  await Promise.all([page.waitForRequest("**/preview?q=sanderling"), h.searchBox(page).fill("sanderling")]);
  assert.ok((await text.count()) > 0);
  release();
  await page
    .locator(".preview mark", { hasText: /^sanderling$/i })
    .first()
    .waitFor();
  await page.unrouteAll({ behavior: "wait" });
});

test("a preview that arrives while its page is being opened is shown there", async () => {
  const { page } = admin;
  // Holds the preview beside the rows until the viewer stands, before it has asked for one itself.
  await page.addInitScript(() => {
    const fetched = window.fetch;
    let isFirst = true;
    window.fetch = async (address, options) => {
      if (!isFirst || !String(address).includes("/preview?")) return fetched(address, options);
      isFirst = false;
      const answer = await fetched(address);
      const text = await answer.text();
      await new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector(".viewer")) return;
          observer.disconnect();
          resolve();
        }).observe(document, { subtree: true, childList: true });
      });
      return { ok: true, status: 200, headers: answer.headers, text: async () => text };
    };
  });
  await page.goto("/?q=sanderling");
  await h.hits(page).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/view/*");
  await page.getByRole("heading", { level: 1, name: "Sanderling" }).waitFor();
});
