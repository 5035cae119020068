// Signed in as somebody who may not see a source, nothing of it shows: not in hits, counts, facets, completions,
// previews, files, errors, tasks or events. Sharing and unsharing take effect at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as h from "./harness.mjs";

const SECRET = "obsidianfalcon";

let server;
let browser;
let files;
let admin;
let member;
let secret;
let record;

before(async () => {
  files = h.scratch();
  files.write({
    "open/welcome.md": "# Welcome\n\nEverybody may read this page about herons.\n",
    [`secret/${SECRET}-plan.md`]: `# Plan ${SECRET}\n\nNobody else may read of ${SECRET} herons.\n`,
    [`secret/${SECRET}-broken.pdf`]: "%PDF-1.7\nthis is no PDF at all",
    [`secret/${SECRET}-broken.docx`]: "PK\u0003\u0004 this is no archive",
  });
  server = await h.startServer(files.path("data"));
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
  member = await h.openPage(browser, server.base);
  for (const part of ["/api/v1/", "/1/indexes"]) member.expectRefusal(part);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

/** Asks the search endpoint with the member's own key, past the page. */
async function asMember(params) {
  const key = await member.page.evaluate(async () => (await fetch("/api/v1/search-key")).json());
  const answer = await fetch(`${server.base}/1/indexes/*/queries`, {
    method: "POST",
    headers: { "x-algolia-application-id": key.application_id, "x-algolia-api-key": key.key },
    body: JSON.stringify({ requests: [{ indexName: key.index, ...params }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

const leaks = (text) => text.toLowerCase().includes(SECRET) || text.includes("Hidden source");

test("a member joins by an invitation link that the administrator copies", async () => {
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
  await h.addFolder(admin.page, { path: files.path("open"), name: "Open source", visibility: /Everyone/ });
  secret = (
    await h.addFolder(admin.page, {
      path: files.path("secret"),
      name: "Hidden source",
      visibility: "Only me",
    })
  ).id;

  await admin.page.goto("/people");
  await admin.page.getByRole("button", { name: "Invite" }).click();
  await admin.page.getByLabel("E-mail").fill("kim@example.org");
  await admin.page.getByRole("button", { name: "Make the link" }).click();
  const link = new URL(await admin.page.getByLabel("link", { exact: true }).inputValue());
  await h.joinByLink(member.page, link.pathname, "Kim Example", "kim@example.org");
});

test("the owner finds it, so there is something to leak", async () => {
  const { page } = admin;
  await page.goto(`/?q=${SECRET}`);
  await h.hits(page).first().waitFor();
  record = (await h.hits(page).first().getAttribute("id")).replace("hit-", "");
  assert.equal((await h.api(page, "GET", `/sources/${secret}/failures`)).status, 200);
});

test("hits, counts and facets of the page hold nothing of it", async () => {
  const { page } = member;
  const seen = [];
  page.on("response", async (response) => {
    if (/\/(1\/indexes|api\/v1)\//.test(response.url()) && !response.url().includes("/events")) {
      seen.push(await response.text().catch(() => ""));
    }
  });
  await page.goto("/?q=herons");
  await page
    .getByRole("status")
    .filter({ hasText: /^1 hit$/ })
    .waitFor();
  await page.goto("/?q=");
  await page
    .getByRole("status")
    .filter({ hasText: /^1 hit$/ })
    .waitFor();
  await page.goto("/?q=obsidian");
  await page.getByText("Nothing found").waitFor();
  await page.goto("/?in=Hidden+source");
  await page.getByText("Nothing found").waitFor();
  await page.goto("/");
  await h.hits(page).first().waitFor();
  await h.searchBox(page).fill("in:op");
  await page.getByRole("listbox", { name: "Completions" }).getByText("Open source").waitFor();
  await h.searchBox(page).fill("in:hid");
  assert.equal(await page.getByRole("listbox", { name: "Completions" }).count(), 0);
  await page.goto("/sources");
  await page.getByRole("link", { name: "Open source" }).waitFor();
  assert.equal(await page.getByText("Hidden source").count(), 0);
  // The page echoes what was typed; the server's answers are what counts.
  const said = seen.filter((text) => leaks(text.replaceAll(/"(query|params)":"[^"]*"/g, "")));
  assert.deepEqual(said, []);
});

test("the search endpoint holds nothing of it, whatever is asked for", async () => {
  const all = { facets: ["*"], attributesToRetrieve: ["*"], hitsPerPage: 1000 };
  for (const params of [
    { query: "", ...all },
    { query: "herons", ...all },
    { query: "obsidian", ...all },
    { query: "obsidainfalcon", typoTolerance: true, ...all },
    { query: "", filters: `source_id=${secret}`, ...all },
    { query: "", filters: `source_id:${secret} OR source_id:1`, ...all },
    { query: "", facetFilters: [["source:Hidden source"]], ...all },
    { query: "", optionalWords: SECRET, removeWordsIfNoResults: "allOptional", ...all },
    { params: `query=${SECRET}&facets=%5B%22*%22%5D` },
  ]) {
    const answer = await asMember(params);
    assert.ok(answer.status < 500, `${JSON.stringify(params)} → ${answer.status}`);
    const result =
      answer.status === 200 ? JSON.parse(answer.text).results[0] : { hits: [], nbHits: 0, facets: {} };
    assert.ok(!leaks(JSON.stringify([result.hits, result.facets ?? {}])), JSON.stringify(params));
    assert.ok(result.nbHits <= 1, `${JSON.stringify(params)} counts ${result.nbHits}`);
  }
});

test("a facet's values reveal nothing to a search in them", async () => {
  const answer = await asMember({ type: "facet", facet: "source", facetQuery: "hid" });
  assert.ok(!leaks(answer.text.replaceAll(/"(facetQuery|params)":"[^"]*"/g, "")));
});

test("what has an address of its own is not there for others", async () => {
  for (const path of [
    `/records/${record}`,
    `/records/${record}/preview?q=plan`,
    `/records/${record}/file`,
    `/sources/${secret}`,
    `/sources/${secret}/streams`,
    `/sources/${secret}/syncs`,
    `/sources/${secret}/failures`,
    `/sources/${secret}/failures?reason=x`,
    `/sources/${secret}/log`,
    "/tasks/1/log",
  ]) {
    const answer = await h.api(member.page, "GET", path);
    assert.equal(answer.status, 404, path);
    assert.ok(!leaks(answer.text), path);
  }
  for (const [method, path, body] of [
    ["POST", `/sources/${secret}/sync`, { mode: "full" }],
    ["POST", `/sources/${secret}/pause`, undefined],
    ["PATCH", `/sources/${secret}`, { visibility: { to: "everyone" } }],
    ["POST", `/sources/${secret}/failures/retry`, { all: true }],
    ["DELETE", `/sources/${secret}`, undefined],
  ]) {
    const answer = await h.api(member.page, method, path, body);
    assert.equal(answer.status, 404, `${method} ${path}`);
  }
  for (const path of ["/tasks", "/queues", "/users", "/groups", `/tasks?source=${secret}`]) {
    const answer = await h.api(member.page, "GET", path);
    assert.ok(!leaks(answer.text), path);
  }
});

test("the viewer's page for it says that there is no such record", async () => {
  await member.page.goto(`/view/${record}?q=plan`);
  await member.page.getByRole("alert").waitFor();
  assert.ok(!leaks(await member.page.locator("main").innerText()));
});

test("events of it reach its owner alone", async () => {
  const listen = (page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          window.heard = [];
          const stream = new EventSource("/api/v1/events");
          for (const name of ["sync", "source", "log", "task"]) {
            stream.addEventListener(name, (event) => window.heard.push(`${name} ${event.data}`));
          }
          stream.addEventListener("open", () => resolve());
        }),
    );
  await Promise.all([listen(admin.page), listen(member.page)]);
  assert.equal((await h.api(admin.page, "POST", `/sources/${secret}/sync`, { mode: "full" })).status, 202);
  const finished = (text) =>
    text.startsWith("sync ") && text.includes(`"source":${secret}`) && /"finished_at":\d/.test(text);
  await h.eventually("the owner hears of the end", async () =>
    (await admin.page.evaluate(() => window.heard)).some(finished),
  );
  // The open source's sync is heard by both: once it is, whatever came before it has arrived.
  const open = (await h.api(member.page, "GET", "/sources")).body.items[0].id;
  await h.api(admin.page, "POST", `/sources/${open}/sync`, { mode: "full" });
  await h.eventually("the member hears of the open source", async () =>
    (await member.page.evaluate(() => window.heard)).some((text) => text.includes(`"source":${open}`)),
  );
  const heard = await member.page.evaluate(() => window.heard);
  assert.deepEqual(
    heard.filter((text) => leaks(text) || text.includes(`"source":${secret}`)),
    [],
  );
});

test("whoever signs in after a session has ended sees nothing of the one before", async () => {
  const shared = await h.openPage(browser, server.base, { storageState: await admin.context.storageState() });
  shared.expectRefusal("/api/v1/");
  const { page } = shared;
  await page.goto("/sources");
  await page.getByRole("link", { name: "Hidden source" }).waitFor();
  await shared.context.clearCookies();
  await page.getByRole("link", { name: "Open source" }).click();
  await page.waitForURL("**/sign-in?next=*");
  await page.getByLabel("E-mail").fill("kim@example.org");
  await page.getByLabel("Password").fill(h.PASSWORD);
  await page.route("**/api/v1/sources?*", () => undefined);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Sources" }).click();
  await page.getByRole("heading", { name: "Sources" }).waitFor();
  assert.equal(await page.getByText("Hidden source").count(), 0);
  assert.deepEqual(shared.complaints, []);
  await shared.context.close();
});

test("a page that comes back to another person's session begins anew", async () => {
  const shared = await h.openPage(browser, server.base, { storageState: await admin.context.storageState() });
  shared.expectRefusal("/api/v1/");
  const { page } = shared;
  await page.goto("/sources");
  await page.getByRole("link", { name: "Hidden source" }).waitFor();
  const { cookies } = await member.context.storageState();
  await shared.context.clearCookies();
  await shared.context.addCookies(cookies);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await h.searchBox(page).waitFor();
  await page.getByRole("button", { name: "Account of Kim Example" }).waitFor();
  assert.deepEqual(shared.complaints, []);
  await shared.context.close();
});

test("sharing shows it at once, unsharing and deleting hide it at once", async () => {
  const found = async () => JSON.parse((await asMember({ query: SECRET })).text).results[0].nbHits;
  const share = (to) => h.api(admin.page, "PATCH", `/sources/${secret}`, { visibility: { to } });
  assert.equal((await share("everyone")).status, 200);
  assert.ok((await found()) > 0);
  assert.equal((await share("owner")).status, 200);
  assert.equal(await found(), 0);
  assert.equal((await share("everyone")).status, 200);
  assert.ok((await found()) > 0);

  await admin.page.goto(`/sources/${secret}?tab=settings`);
  await admin.page.getByRole("button", { name: "Delete …" }).click();
  const confirm = admin.page.getByRole("button", { name: "Delete it" });
  assert.ok(await confirm.isDisabled());
  await admin.page.getByLabel("Name of the source").fill("Hidden source");
  await confirm.click();
  await admin.page.waitForURL("**/sources");
  assert.equal(await found(), 0);
  assert.equal((await h.api(admin.page, "GET", `/records/${record}`)).status, 404);
});

test("no browser complained", () => {
  assert.deepEqual(
    admin.complaints.filter((line) => !line.includes("status of 404")),
    [],
  );
  assert.deepEqual(member.complaints, []);
});
