// From the set-up link to the first hit: a newcomer's first minutes, in a real browser on the real server.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
let browser;
let files;
let admin;

const FILLER = Array.from({ length: 60 }, (_, at) => `Paragraph ${at} speaks of nothing in particular.`).join(
  "\n\n",
);

before(async () => {
  files = h.scratch();
  files.write({
    "docs/quarterly-report.md": `# Quarterly report\n\n${FILLER}\n\nThe zephyr appears here, far below.\n\n${FILLER}\n`,
    "docs/meeting notes.txt": "Notes of the quarterly meeting about budget and zephyr.\n",
    "docs/table.csv": "item,amount\nquarterly fee,12\nother,7\n",
    "docs/מסמך.txt": "A file whose name is written from right to left.\n",
    "docs/<b>bold<b>.txt":
      "Markup in <script>alert('names')</script> and text stays text. Marker: kestrel.\n",
    "docs/deep/er/still/deeper/readme.md":
      "# Deep\n\nA kestrel hovers.\n\n| bird | eats |\n| --- | --- |\n| kestrel | mice |\n| plover | worms |\n",
    "docs/wing.rs": `//! Wings.\n\n${"fn flap() {}\n".repeat(200)}\nfn osprey() {}\n`,
    "docs/letter.eml":
      "From: Robin Example <robin@example.org>\nTo: Kim Example <kim@example.org>\nSubject: Nesting boxes\nDate: Mon, 2 Mar 2026 10:15:00 +0100\n\nThe boxes are up.\n\n> Are the boxes up?\n",
  });
  server = await h.startServer(files.path("data"));
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

afterEach(() => assert.deepEqual(admin.complaints.splice(0), []));

test("without a session every page leads to the sign-in", async () => {
  await admin.page.goto("/sources?sort=name");
  await admin.page.waitForURL("**/sign-in?next=*");
  assert.deepEqual(await h.accessibilityProblems(admin.page), []);
});

test("an old set-up link says how to get a new one", async () => {
  const { page, expectRefusal } = admin;
  expectRefusal("/api/v1/links/");
  await page.goto("/setup/0123456789abcdef");
  await page.getByText("start it again; it prints a new link").waitFor();
  assert.deepEqual(await h.accessibilityProblems(page), []);
});

test("the set-up link makes the first administrator, once", async () => {
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
  const stranger = await h.openPage(browser, server.base);
  stranger.expectRefusal("/api/v1/links/");
  await stranger.page.goto(server.setupPath);
  await stranger.page.getByText("This link has expired or was used already").waitFor();
  assert.deepEqual(stranger.complaints, []);
  await stranger.context.close();
});

test("an empty installation says how to get something to find", async () => {
  await admin.page.goto("/");
  await admin.page.getByText("Nothing is connected yet").waitFor();
  await admin.page.getByRole("link", { name: "Add a source" }).click();
  await admin.page.getByRole("link", { name: /Folder/ }).waitFor();
});

test("the wizard says in plain words that a folder is not there", async () => {
  const { page, expectRefusal } = admin;
  expectRefusal("/api/v1/sources/");
  await page.goto("/sources/new?connector=folder");
  await page
    .getByLabel(/^(Folder|Path)/)
    .first()
    .fill(files.path("nowhere"));
  await page.getByRole("button", { name: "Count the files" }).click();
  await page.getByRole("alert").first().waitFor();
});

test("the wizard counts a folder's files before the first sync, then syncs them", async () => {
  const { label } = await h.addFolder(admin.page, {
    path: files.path("docs"),
    name: "Papers",
    visibility: /Everyone/,
  });
  assert.match(label, /8 files/);
  await admin.page.getByRole("link", { name: "History" }).click();
  await admin.page.getByText("Completed").first().waitFor();
});

test("every keystroke searches, the first hit is selected and its preview shows the match", async () => {
  const { page } = admin;
  await page.goto("/");
  await h.hits(page).first().waitFor();
  assert.equal(await h.hits(page).count(), 8, "an empty query shows what changed lately");
  const asked = [];
  page.on("request", (request) => {
    if (!request.url().includes("/1/indexes/")) return;
    asked.push(
      ...JSON.parse(request.postData()).requests.map(
        (each) => each.query ?? new URLSearchParams(each.params).get("query"),
      ),
    );
  });
  await h.searchBox(page).pressSequentially("zephyr");
  await page.waitForURL("**/?q=zephyr");
  await page
    .getByRole("status")
    .filter({ hasText: /^2 hits$/ })
    .waitFor();
  for (const prefix of ["z", "ze", "zep", "zeph", "zephy", "zephyr"])
    assert.ok(asked.includes(prefix), `no request for ${prefix}`);
  assert.equal(await h.hits(page).nth(0).getAttribute("aria-selected"), "true");
  const mark = page.locator(".preview mark").first();
  await mark.waitFor();
  assert.match(await mark.innerText(), /^zephyr$/i);
});

test("the preview is scrolled to its first match", async () => {
  const { page } = admin;
  await page.goto("/?q=zephyr%20report");
  await page.locator(".preview mark").first().waitFor();
  await h.eventually("a mark is in view", () =>
    page.evaluate(() => {
      const box = document.querySelector(".document").getBoundingClientRect();
      const marks = [...document.querySelectorAll(".document mark")].map((mark) =>
        mark.getBoundingClientRect(),
      );
      return marks.some((mark) => mark.top >= box.top && mark.bottom <= box.bottom);
    }),
  );
});

test("a typo and a prefix find the same document", async () => {
  const { page } = admin;
  for (const query of ["quarterly report", "quartrely report", "quarterly repo"]) {
    await page.goto(`/?q=${encodeURIComponent(query)}`);
    await h.hits(page).filter({ hasText: "uarterly" }).first().waitFor();
  }
});

test("markup in names and texts stays text", async () => {
  const { page } = admin;
  await page.goto("/?q=kestrel");
  await h.hits(page).filter({ hasText: "<b>bold<b>" }).first().click();
  await page.locator(".preview").getByText("<script>alert('names')</script>").waitFor();
});

test("arrows move the selection, the preview follows, Enter opens the viewer and Esc leads back", async () => {
  const { page } = admin;
  await page.goto("/?q=quarterly");
  await h.hits(page).nth(1).waitFor();
  await page.locator(".preview h2").waitFor();
  const second = await h.hits(page).nth(1).locator(".row-title").innerText();
  await page.keyboard.press("ArrowDown");
  assert.equal(await h.hits(page).nth(1).getAttribute("aria-selected"), "true");
  assert.equal(
    await h.searchBox(page).getAttribute("aria-activedescendant"),
    await h.hits(page).nth(1).getAttribute("id"),
  );
  await page.locator(".preview h2", { hasText: second }).waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await h.hits(page).nth(0).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/view/*");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL("**/?q=quarterly");
  assert.equal(await h.searchBox(page).inputValue(), "quarterly");
});

test("the viewer offers the path and the file itself, inert", async () => {
  const { page } = admin;
  await page.goto("/?q=kestrel%20hovers");
  await h.hits(page).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/view/*");
  await page.getByRole("button", { name: "Copy the path" }).click();
  await page.getByText("Copied path").waitFor();
  const href = await page.getByRole("link", { name: "Download" }).getAttribute("href");
  const file = await page.evaluate(async (href) => {
    const answer = await fetch(href);
    const header = (name) => answer.headers.get(name) ?? "";
    return {
      status: answer.status,
      text: await answer.text(),
      as: header("content-disposition"),
      sniff: header("x-content-type-options"),
      csp: header("content-security-policy"),
    };
  }, href);
  assert.equal(file.status, 200);
  assert.match(file.text, /A kestrel hovers/);
  assert.match(file.as, /^attachment/);
  assert.equal(file.sniff, "nosniff");
  assert.match(file.csp, /sandbox/);
});

/** Opens the first hit in the viewer. */
async function view(page, query) {
  await page.goto(`/?q=${encodeURIComponent(query)}`);
  await h.hits(page).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/view/*");
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page.getByRole("region", { name: "Text" });
}

test("tables of Markdown and sheets are tables, with what was searched for marked", async () => {
  const { page } = admin;
  let text = await view(page, "kestrel hovers");
  await text.getByRole("columnheader", { name: "eats" }).waitFor();
  assert.equal(await text.getByRole("row").count(), 3);
  await text.getByRole("cell", { name: "kestrel" }).locator("mark").waitFor();
  text = await view(page, "quarterly fee");
  await text.getByRole("columnheader", { name: "amount" }).waitFor();
  await text.getByRole("cell", { name: "quarterly fee" }).locator("mark").first().waitFor();
});

test("code has the numbers of its lines, and is scrolled to the match", async () => {
  const { page } = admin;
  const text = await view(page, "osprey");
  const mark = text.locator("mark", { hasText: "osprey" });
  await mark.waitFor();
  const numbers = text.locator(".line-numbers");
  assert.match(await numbers.innerText(), /^1\n2\n3\n[\s\S]*\n204$/);
  const [place, number] = await Promise.all([mark.boundingBox(), numbers.boundingBox()]);
  const line = Math.floor((place.y - number.y) / 18) + 1;
  assert.equal(line, 204, "the number beside the match is its line's");
  const box = await text.boundingBox();
  assert.ok(place.y > box.y && place.y < box.y + box.height, "the match is in view");
});

test("a mail shows who wrote when, and what it quotes", async () => {
  const { page } = admin;
  const text = await view(page, "nesting boxes");
  await text.getByText("Robin Example <robin@example.org>").waitFor();
  await text.locator(".quote", { hasText: "Are the boxes up?" }).waitFor();
  await text.getByText(/^2 Mar 2026/).waitFor();
});

test("what is typed while the server does not answer stays, and is what a retry asks for", async () => {
  const { page, expectRefusal } = admin;
  await page.goto("/");
  await h.hits(page).first().waitFor();
  expectRefusal("/1/indexes/");
  await page.route("**/1/indexes/**", (route) => route.fulfill({ status: 500, body: "{}" }));
  await h.searchBox(page).pressSequentially("zephyr", { delay: 60 });
  const again = page.getByRole("button", { name: "Try again" });
  await again.waitFor();
  assert.equal(await h.searchBox(page).inputValue(), "zephyr");
  await page.unrouteAll({ behavior: "wait" });
  await again.click();
  await page
    .locator(".row mark", { hasText: /zephyr/i })
    .first()
    .waitFor();
  assert.equal(await h.searchBox(page).inputValue(), "zephyr");
});

test("what is searched for by itself after a failure is what stands in the box", async () => {
  const { page, expectRefusal } = admin;
  await page.goto("/?q=zephyr");
  await h.eventually("both are found", async () => (await h.hits(page).count()) === 2);
  expectRefusal("/1/indexes/");
  await page.route("**/1/indexes/**", (route) => route.fulfill({ status: 500, body: "{}" }));
  await h.searchBox(page).press("End");
  await page.keyboard.type(" kestrel");
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await page.unrouteAll({ behavior: "wait" });
  // A sync ends: the page searches anew without being asked.
  await h.api(page, "POST", "/sources/1/sync", { mode: "incremental" });
  await page.getByRole("button", { name: "Try again" }).waitFor({ state: "detached" });
  await page.waitForURL("**/?q=zephyr+kestrel");
  assert.equal(await h.searchBox(page).inputValue(), "zephyr kestrel");
  await page.getByText("Nothing found for “zephyr kestrel”").waitFor();
});

test("a facet narrows the hits, shows as a chip and lives in the address bar", async () => {
  const { page } = admin;
  await page.goto("/?q=quarterly");
  await h.hits(page).first().waitFor();
  const before = await h.hits(page).count();
  const rail = page.getByRole("complementary", { name: "Filters" });
  const kind = rail.locator("section", { hasText: "Kind" }).getByRole("button").first();
  await kind.click();
  await page.waitForURL(/kind=/);
  await page.getByRole("button", { name: /^Remove the filter kind:/ }).waitFor();
  await h.eventually("fewer hits", async () => (await h.hits(page).count()) < before);
  await page.reload();
  await page.getByRole("button", { name: /^Remove the filter kind:/ }).click();
  await h.eventually("all hits again", async () => (await h.hits(page).count()) === before);
});

test("a typed operator becomes a chip", async () => {
  const { page } = admin;
  await page.goto("/");
  await h.hits(page).first().waitFor();
  await h.searchBox(page).pressSequentially("in:pap");
  await page
    .getByRole("listbox", { name: "Completions" })
    .getByRole("option", { name: /Papers/ })
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove the filter in:Papers" }).waitFor();
  await h.searchBox(page).pressSequentially("kestrel");
  await page.waitForURL(/q=kestrel&in=Papers/);
  await h.hits(page).first().waitFor();
});

test("an operator knows values that the present hits don't have", async () => {
  const { page } = admin;
  await page.goto("/?q=zephyr");
  await h.hits(page).first().waitFor();
  await h.searchBox(page).press("End");
  await page.keyboard.type(" from:rob ");
  await page.getByRole("button", { name: /^Remove the filter from:Robin Example/ }).click();
  await h.searchBox(page).press("End");
  await page.keyboard.type(" from:rob");
  const offered = page.getByRole("listbox", { name: "Completions" });
  await offered.getByRole("option", { name: /Robin Example/ }).waitFor();
});

test("Esc takes back the completion, the text, the filters and then the focus", async () => {
  const { page } = admin;
  await page.goto("/?in=Papers");
  await h.hits(page).first().waitFor();
  const box = h.searchBox(page);
  await box.pressSequentially("kind:");
  const offered = page.getByRole("listbox", { name: "Completions" });
  await offered.waitFor();
  await page.keyboard.press("Escape");
  await offered.waitFor({ state: "detached" });
  assert.equal(await box.inputValue(), "kind:");
  await page.keyboard.press("Escape");
  assert.equal(await box.inputValue(), "");
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => url.search === "");
  assert.ok(await box.evaluate((each) => each === document.activeElement));
  await page.keyboard.press("Escape");
  assert.ok(await box.evaluate((each) => each !== document.activeElement));
});

test("no hits are explained", async () => {
  const { page } = admin;
  await page.goto("/?q=xylophonewords");
  await page.getByText("Nothing found for “xylophonewords”").waitFor();
});

test("an answer that comes late is dropped", async () => {
  const { page } = admin;
  await page.goto("/");
  await h.hits(page).first().waitFor();
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route("**/1/indexes/**", async (route) => {
    const late = route.request().postData().includes('"kestr"');
    const answer = await route.fetch();
    if (late) await held;
    await route.fulfill({ response: answer });
  });
  await h.searchBox(page).pressSequentially("kestr");
  await h.searchBox(page).fill("zephyr");
  await page
    .locator(".row mark", { hasText: /zephyr/i })
    .first()
    .waitFor();
  const arrived = page.waitForEvent("requestfinished", (request) => request.postData()?.includes('"kestr"'));
  release();
  await arrived;
  await page.unrouteAll({ behavior: "wait" });
  await h.settled(page);
  assert.equal(await page.locator(".row mark", { hasText: /kestr/i }).count(), 0);
});

test("a search key that has ended is renewed unseen", async () => {
  const { page, expectRefusal } = admin;
  expectRefusal("/1/indexes/");
  await page.goto("/");
  await h.hits(page).first().waitFor();
  let refused = 0;
  await page.route("**/1/indexes/**", (route) => {
    refused += 1;
    if (refused > 1) return route.continue();
    return route.fulfill({ status: 403, json: { message: "the key has ended", status: 403 } });
  });
  const renewed = page.waitForRequest("**/api/v1/search-key");
  await h.searchBox(page).fill("kestrel");
  await renewed;
  await page
    .locator(".row mark", { hasText: /kestrel/i })
    .first()
    .waitFor();
  await page.unrouteAll({ behavior: "wait" });
});

test("a session that has ended leads to the sign-in and back", async () => {
  const guest = await h.openPage(browser, server.base, { storageState: await admin.context.storageState() });
  guest.expectRefusal("/api/v1/");
  await guest.page.goto("/keys");
  await guest.page.getByRole("heading", { name: "API keys" }).waitFor();
  await guest.context.clearCookies();
  await guest.page.getByRole("link", { name: "Sources" }).click();
  await guest.page.waitForURL("**/sign-in?next=%2Fsources");
  await guest.page.getByLabel("E-mail").fill("robin@example.org");
  await guest.page.getByLabel("Password").fill(h.PASSWORD);
  await guest.page.getByRole("button", { name: "Sign in" }).click();
  await guest.page.getByRole("heading", { name: "Sources" }).waitFor();
  assert.deepEqual(guest.complaints, []);
  await guest.context.close();
});

/** Every page, and what tells that its content is there. */
const PAGES = [
  ["/", (page) => page.locator(".preview .document-text, .preview table").first()],
  ["/?q=quarterly", (page) => page.locator(".preview mark").first()],
  ["/?q=xylophonewords", (page) => page.getByText("Nothing found for")],
  ["/sources", (page) => page.getByRole("link", { name: "Papers" })],
  ["/sources/new", (page) => page.getByRole("link", { name: /^Folder/ })],
  ["/sources/new?connector=folder", (page) => page.getByRole("button", { name: "Count the files" })],
  ["/sources/new?connector=http", (page) => page.getByLabel("Manifest")],
  ["/sources/1", (page) => page.getByRole("cell", { name: "files", exact: true })],
  ["/sources/1?tab=errors", (page) => page.getByText("No errors")],
  ["/sources/1?tab=history", (page) => page.getByText("Completed").first()],
  ["/sources/1?tab=log", (page) => page.getByRole("link", { name: "Log" })],
  ["/sources/1?tab=settings", (page) => page.getByRole("button", { name: "Delete …" })],
  ["/tasks", (page) => page.getByRole("button", { name: "Pause queue parse" })],
  ["/people", (page) => page.getByRole("button", { name: "Invite" })],
  ["/people?tab=groups", (page) => page.getByRole("button", { name: "New group" })],
  ["/keys", (page) => page.getByRole("button", { name: "New key" })],
  ["/nowhere", (page) => page.getByText("There is no page at this address")],
];

test("pages can be used with a screen reader, in both themes, and fit a small phone", async () => {
  const { page } = admin;
  await page.goto("/?q=quarterly%20report");
  const id = (await h.hits(page).first().getAttribute("id")).replace("hit-", "");
  const viewer = [`/view/${id}?q=zephyr`, () => page.locator(".document mark").first()];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [path, there] of [...PAGES, viewer]) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(path, { waitUntil: "load" });
      await there(page).waitFor();
      assert.deepEqual(await h.accessibilityProblems(page), [], `${colorScheme} ${path}`);
      for (const width of [768, 360]) {
        await page.setViewportSize({ width, height: 740 });
        await h.fits(page, `${path} at ${width}`);
      }
      // The narrow page is another one: folded filters, a menu instead of the links.
      assert.deepEqual(await h.accessibilityProblems(page), [], `${colorScheme} ${path} on a phone`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("the API's documentation is shown without asking anybody else", async () => {
  const { page } = admin;
  await page.goto("/docs");
  await page.locator(".swagger-ui .opblock").first().waitFor();
  await page.goto("/redoc");
  await page.locator("#docs h1").first().waitFor();
});
