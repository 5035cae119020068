// What goes wrong in a source, said in words and tried again; what the server is doing meanwhile.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
let browser;
let files;
let admin;
let source;

before(async () => {
  files = h.scratch();
  files.write({
    "docs/good.md": "# Good\n\nThis one can be read.\n",
    "docs/torn.pdf": "%PDF-1.7\nthis is no PDF at all",
    "docs/worn.pdf": "%PDF-1.7\nneither is this",
    "docs/odd.docx": "PK\u0003\u0004 this is no archive",
  });
  server = await h.startServer(files.path("data"));
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
  source = (await h.addFolder(admin.page, { path: files.path("docs"), name: "Worn papers" })).id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

afterEach(() => assert.deepEqual(admin.complaints.splice(0), []));

const reasons = (page) => page.locator("article.reason");

test("errors are grouped by reason, each with its count and what to press", async () => {
  const { page } = admin;
  await page.goto(`/sources/${source}?tab=errors`);
  await page.getByText("3 items", { exact: false }).first().waitFor();
  const retries = page.getByRole("button", { name: /^Retry (this one|these \d+)$/ });
  assert.equal(await retries.count(), await reasons(page).count());
  await reasons(page).first().getByRole("button", { name: "Show" }).click();
  await reasons(page).first().locator("summary").first().click();
  await reasons(page).first().locator("pre.raw").first().waitFor();
  assert.deepEqual(await h.accessibilityProblems(page), []);
});

test("one item, a reason and everything can be tried again", async () => {
  const { page } = admin;
  await page.goto(`/sources/${source}?tab=errors`);
  await reasons(page).first().getByRole("button", { name: "Show" }).click();
  await reasons(page).first().locator("summary").first().click();
  /** Presses, and answers what the server was asked and whether it took it. */
  const press = async (button) => {
    const answered = page.waitForResponse((response) => response.url().endsWith("/failures/retry"));
    await button.first().click();
    const answer = await answered;
    await page.getByText(/^Trying \d+ items? again$/).waitFor();
    return { ok: answer.ok(), asked: Object.keys(answer.request().postDataJSON()) };
  };
  const item = reasons(page).first().locator("details").getByRole("button", { name: "Retry this one" });
  assert.deepEqual(await press(item), { ok: true, asked: ["ids"] });
  const reason = page.locator("header").getByRole("button", { name: /^Retry (these \d+|this one)$/ });
  assert.deepEqual(await press(reason), { ok: true, asked: ["reason"] });
  assert.deepEqual(await press(page.getByRole("button", { name: "Retry all" })), {
    ok: true,
    asked: ["all"],
  });
});

test("a preview without a text says why there is none", async () => {
  const { page } = admin;
  await page.goto("/?q=torn");
  await page.locator(".preview").getByText("No text could be read from this one").waitFor();
  // The folder on the server is nobody's business here.
  await page.locator(".preview").getByText("torn.pdf is damaged", { exact: false }).waitFor();
  assert.ok(!(await page.locator(".preview").innerText()).includes(files.root));
});

test("an open list of a reason follows what is repaired", async () => {
  const { page } = admin;
  await page.goto(`/sources/${source}?tab=errors`);
  const listed = page.locator(".failures summary");
  await reasons(page).first().getByRole("button", { name: "Show" }).click();
  await listed.filter({ hasText: "worn.pdf" }).waitFor();
  files.write({ "docs/worn.pdf": "plain words now, and no PDF" });
  await page.getByRole("button", { name: /^Sync now/ }).click();
  await page.getByRole("button", { name: "What changed" }).click();
  await listed.filter({ hasText: "worn.pdf" }).waitFor({ state: "detached" });
  await listed.filter({ hasText: "torn.pdf" }).waitFor();
});

test("what is no longer there is no error any more, and the page says so by itself", async () => {
  const { page } = admin;
  await page.goto(`/sources/${source}?tab=errors`);
  await reasons(page).first().waitFor();
  for (const name of ["torn.pdf", "worn.pdf", "odd.docx"]) rmSync(files.path(`docs/${name}`));
  await page.getByRole("button", { name: /^Sync now/ }).click();
  await page.getByRole("button", { name: "Everything, then remove what is gone" }).click();
  await page.getByText("No errors").waitFor();
});

test("the tasks page says what runs and waits, and its numbers lead to the tasks", async () => {
  const { page } = admin;
  await page.goto("/tasks");
  await page.getByText("Documents in the index").waitFor();
  await page.getByText("up to date", { exact: false }).waitFor();
  await page.getByText("At work").first().waitFor();
  await page.getByRole("link", { name: "parse", exact: true }).click();
  await page.waitForURL("**/tasks?queue=parse");
  const row = page.getByRole("table", { name: "Tasks" }).or(page.getByRole("region", { name: "Tasks" }));
  await row
    .getByRole("button", { name: /^parse_page/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Arguments").waitFor();
  assert.match(await dialog.innerText(), /Attempt\s+\d+ of \d+/);
  assert.deepEqual(await h.accessibilityProblems(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("a list that was read on keeps its rows when it is read again", async () => {
  const { page } = admin;
  const rows = page.locator(".task-link");
  await page.goto("/tasks");
  const more = page.getByRole("button", { name: "Show more" });
  await h.eventually("there are more tasks than a page holds", async () => {
    await h.api(page, "POST", `/sources/${source}/sync`, { mode: "full" });
    return more.isVisible();
  });
  admin.expectRefusal("/api/v1/tasks");
  await page.route(/\/tasks\?limit=50&after=/, (route) => route.fulfill({ status: 503, body: "{}" }));
  await more.click();
  await page.getByRole("alert").getByText("The server answered 503").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await more.click();
  await h.eventually("more rows", async () => (await rows.count()) > 50);
  const read = page.waitForResponse((response) => /\/tasks\?limit=50&after=/.test(response.url()));
  await page.getByRole("button", { name: "Pause queue parse" }).click();
  await read;
  await page.getByRole("button", { name: "Resume queue parse" }).click();
  assert.ok((await rows.count()) > 50);
});

test("the log tells what a sync does while it does it, and can be narrowed to what matters", async () => {
  const { page } = admin;
  await page.goto(`/sources/${source}?tab=log`);
  const lines = page.getByRole("log").locator(".log-line");
  await lines.first().waitFor();
  const before = await lines.count();
  await page.getByRole("button", { name: /^Sync now/ }).click();
  await page.getByRole("button", { name: "Everything, then remove what is gone" }).click();
  await h.eventually("new lines turn up by themselves", async () => (await lines.count()) > before);
  const written = await lines.allInnerTexts();
  await page.getByLabel("Show").selectOption({ label: "Errors" });
  await h.eventually("errors alone", async () => (await page.locator(".log-line.info").count()) === 0);
  await page.getByLabel("Show").selectOption({ label: "Everything" });
  await h.eventually("everything again", async () => (await lines.count()) >= written.length);
  assert.deepEqual(await h.accessibilityProblems(page), []);
});
