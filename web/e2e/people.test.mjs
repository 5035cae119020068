// Accounts, groups, keys, and an API by manifest: the pages of everyday administration.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
let browser;
let files;
let admin;

before(async () => {
  files = h.scratch();
  files.write({ "docs/a.md": "# A\n\nplover\n" });
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

test("signing out ends the session, a wrong password is refused in words, the right one leads back", async () => {
  const { page } = admin;
  await page.goto("/sources");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  await page.goto("/keys");
  await page.waitForURL("**/sign-in?next=%2Fkeys");
  admin.expectRefusal("/api/v1/session");
  await page.getByLabel("E-mail").fill("robin@example.org");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This e-mail and password don't belong together").waitFor();
  await page.getByLabel("Password").fill(h.PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/keys");
});

test("a link back can't lead to another site", async () => {
  await admin.page.goto("/sign-in?next=//example.org/x");
  await h.searchBox(admin.page).waitFor();
  assert.equal(new URL(admin.page.url()).origin, server.base);
});

test("a group's members find what is shared with it", async () => {
  const { page } = admin;
  const { id } = await h.addFolder(page, { path: files.path("docs"), name: "Team papers" });
  const invited = (await h.api(page, "POST", "/users", { email: "kim@example.org", role: "member" })).body;
  const kim = await h.openPage(browser, server.base);
  await h.joinByLink(kim.page, new URL(invited.invitation.url).pathname, "Kim Example", "kim@example.org");

  await page.goto("/people?tab=groups");
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Birders");
  await page.getByRole("button", { name: "Make the group" }).click();
  await page.getByLabel("Add to Birders").selectOption({ label: "Kim Example" });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Take Kim Example out of Birders" }).waitFor();

  await kim.page.goto("/?q=plover");
  await kim.page.getByText("Nothing found").waitFor();
  await page.goto(`/sources/${id}?tab=settings`);
  await page.getByLabel("Groups").check();
  await page.getByLabel("Birders").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await kim.page.goto("/?q=plover");
  await h.hits(kim.page).first().waitFor();

  await h.hits(page).first().waitFor({ state: "detached" });
  const record = (await h.hits(kim.page).first().getAttribute("id")).replace("hit-", "");
  await page.goto(`/view/${record}`);
  await page.getByRole("button", { name: "Who can see this?" }).click();
  await page.getByLabel("Person").selectOption({ label: "Kim Example" });
  await page.getByText("May see it").waitFor();
  assert.deepEqual(kim.complaints, []);
  await kim.context.close();
});

test("saving sends what was changed, and undoes nothing that somebody else decided meanwhile", async () => {
  const { page } = admin;
  const { id, visibility } = (await h.api(page, "GET", "/sources")).body.items[0];
  assert.equal(visibility.to, "groups");
  await page.goto(`/sources/${id}?tab=settings`);
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Papers of the team");
  assert.equal((await h.api(page, "PATCH", `/sources/${id}`, { visibility: { to: "owner" } })).status, 200);
  const saved = page.waitForRequest((request) => request.method() === "PATCH");
  await page.getByRole("button", { name: "Save" }).click();
  assert.deepEqual((await saved).postDataJSON(), { name: "Papers of the team" });
  await page.getByText("Saved", { exact: true }).waitFor();
  await h.eventually("the form says what is so now", () => page.getByLabel("Only me").isChecked());
  assert.equal((await h.api(page, "GET", `/sources/${id}`)).body.visibility.to, "owner");
});

test("of more groups than a page of the list holds each can be chosen", async () => {
  const { page } = admin;
  for (let at = 1; at <= 201; at += 1) await h.api(page, "POST", "/groups", { name: `Team ${at}` });
  const { id } = (await h.api(page, "GET", "/sources")).body.items[0];
  await page.goto(`/sources/${id}?tab=settings`);
  await page.getByLabel("Groups").check();
  await page.getByLabel("Birders", { exact: true }).waitFor();
  await page.getByLabel("Team 201", { exact: true }).waitFor();
});

test("what is refused says why", async () => {
  const { page, expectRefusal } = admin;
  const mail = "robin.gone@example.org";
  const invited = (await h.api(page, "POST", "/users", { email: mail, role: "member" })).body;
  await page.goto("/people");
  await page.getByRole("button", { name: `Actions for ${mail}` }).click();
  assert.equal((await h.api(page, "DELETE", `/users/${invited.user.id}`)).status, 204);
  expectRefusal(`/api/v1/users/${invited.user.id}`);
  const refused = page.waitForResponse((response) => response.status() === 404);
  await page.getByRole("button", { name: "New invitation link" }).click();
  const { detail } = await (await refused).json();
  const said = detail.replaceAll("`", "").slice(1);
  await page.getByRole("status").filter({ hasText: said }).waitFor();
});

test("a reset link signs in with the new password", async () => {
  const { page } = admin;
  await page.goto("/people");
  await page.getByRole("button", { name: "Actions for Kim Example" }).click();
  await page.getByRole("button", { name: "Reset link" }).click();
  const link = new URL(await page.getByLabel("link", { exact: true }).inputValue());
  const kim = await h.openPage(browser, server.base);
  await kim.page.goto(link.pathname);
  await kim.page.getByLabel("Password", { exact: true }).fill("another long password");
  await kim.page.getByLabel("Password again").fill("another long password");
  await kim.page.getByRole("button", { name: "Save the password" }).click();
  await h.searchBox(kim.page).waitFor();
  assert.deepEqual(kim.complaints, []);
  await kim.context.close();
});

test("an API key is shown once, works, and stops working when it is taken back", async () => {
  const { page } = admin;
  await page.goto("/keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("What is it for?").fill("Reading");
  await page.getByLabel(/^Read/).check();
  await page.getByRole("button", { name: "Make the key" }).click();
  const secret = await page.getByLabel("key", { exact: true }).inputValue();
  const ask = () =>
    fetch(`${server.base}/api/v1/sources`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).status, 200);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Take back the key Reading" }).click();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("no longer works").waitFor();
  assert.equal((await ask()).status, 401);
});

test("an API by manifest: mistakes are named with their line, the connection's failure in words", async () => {
  const { page } = admin;
  admin.expectRefusal("/api/v1/sources/");
  await page.goto("/sources/new?connector=http");
  const manifest = page.getByLabel("Manifest");
  await manifest.fill("version: 6.0.0\nstreams:\n  - name: a\n bad: [\n");
  await page
    .getByRole("button", { name: /^Line \d/ })
    .first()
    .waitFor();
  assert.ok(await page.getByRole("button", { name: "Test connection" }).isDisabled());
  await manifest.fill(MANIFEST);
  await page.getByLabel("Token").fill("t0ken");
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByRole("alert").first().waitFor();
});

test("the theme stays as chosen", async () => {
  const { page } = admin;
  await page.goto("/keys");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await page.reload();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
});

test("queues can be paused and go on", async () => {
  const { page } = admin;
  await page.goto("/tasks");
  await page.getByRole("button", { name: "Pause queue parse" }).click();
  await page.getByRole("button", { name: "Resume queue parse" }).click();
  await page.getByRole("button", { name: "Pause queue parse" }).waitFor();
});

const MANIFEST = `version: 6.0.0
type: DeclarativeSource
check: { type: CheckStream, stream_names: [items] }
streams:
  - type: DeclarativeStream
    name: items
    primary_key: [id]
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: https://api.invalid
        path: /items
        http_method: GET
        authenticator: { type: BearerAuthenticator, api_token: "{{ config['token'] }}" }
      record_selector:
        type: RecordSelector
        extractor: { type: DpathExtractor, field_path: [] }
spec:
  type: Spec
  connection_specification:
    type: object
    required: [token]
    properties:
      token: { type: string, title: Token, airbyte_secret: true }
`;
