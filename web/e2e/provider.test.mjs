// An HTTP API as a source: tested before it is added, its records looked at, its limits waited for in words.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
let browser;
let files;
let admin;
let provider;
let address;
/** What the provider does: `well`, or `limited`, when it asks to come again in an hour. */
let mood = "well";

before(async () => {
  files = h.scratch();
  provider = createServer((request, response) => {
    if (request.headers.authorization !== "Bearer t0ken") {
      response.writeHead(401, { "content-type": "application/json" }).end('{"message":"bad credentials"}');
    } else if (mood === "limited") {
      response.writeHead(429, { "retry-after": "3600" }).end();
    } else {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ITEMS));
    }
  });
  await new Promise((resolve) => provider.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${provider.address().port}`;
  server = await h.startServer(files.path("data"), ["allow_private=127.0.0.1"]);
  browser = await h.startBrowser();
  admin = await h.openPage(browser, server.base);
  await h.joinByLink(admin.page, server.setupPath, "Robin Example", "robin@example.org");
});

after(async () => {
  await browser?.close();
  await server?.stop();
  provider?.close();
  files?.remove();
});

afterEach(() => assert.deepEqual(admin.complaints.splice(0), []));

async function fillIn(page, token) {
  await page.goto("/sources/new?connector=http");
  await page.getByLabel("Manifest").fill(manifest(address));
  await page.getByLabel("Token").fill(token);
}

test("a wrong token is refused in words before anything is added", async () => {
  const { page, expectRefusal } = admin;
  expectRefusal("/api/v1/sources/");
  await fillIn(page, "wrong");
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByRole("alert").first().waitFor();
  assert.match(await page.getByRole("alert").first().innerText(), /401|refuse|credential|sign/i);
});

test("what the API offers is shown with some documents as they would be found, then added and synced", async () => {
  const { page } = admin;
  await fillIn(page, "t0ken");
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("It works").first().waitFor();
  await page.getByRole("region", { name: "Streams" }).getByText("items", { exact: true }).waitFor();
  const samples = page.getByRole("list", { name: "Sample documents" });
  await samples.getByText("Nesting boxes for owls").waitFor();
  assert.deepEqual(await h.accessibilityProblems(page), []);
  await page.getByLabel("Name", { exact: true }).fill("Tracker");
  await page.getByRole("button", { name: "Add and sync" }).click();
  await page.waitForURL(/\/sources\/\d+$/);
  await page.getByText("Synced", { exact: true }).waitFor();
  const id = Number(/\d+$/.exec(page.url())[0]);
  await h.indexed(page, id);
  await page.goto("/?q=owls");
  await h.hits(page).filter({ hasText: "Nesting boxes for owls" }).first().waitFor();
});

test("a tap on a phone leads to the document's text, not to the provider", async () => {
  const phone = await h.openPage(browser, server.base, {
    storageState: await admin.context.storageState(),
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  });
  await phone.page.goto("/?q=owls");
  await h.hits(phone.page).first().tap();
  await phone.page.waitForURL("**/view/*");
  await phone.page.getByRole("heading", { level: 1, name: "Nesting boxes for owls" }).waitFor();
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test("a limit of the provider is waited for, and the page says until when and for what", async () => {
  const { page } = admin;
  await page.goto("/sources");
  await page.getByRole("link", { name: "Tracker" }).click();
  mood = "limited";
  await page.getByRole("button", { name: /^Sync now/ }).click();
  await page.getByRole("button", { name: "Everything, then remove what is gone" }).click();
  await page.getByText(/^Waiting until \d\d:\d\d for the limit of /).waitFor();
  assert.deepEqual(await h.accessibilityProblems(page), []);
  await page.goto("/sources");
  await page.getByText(/^Waiting until \d\d:\d\d$/).waitFor();
});

const ITEMS = [
  {
    id: 1,
    title: "Nesting boxes for owls",
    body: "Twelve boxes were put up in the orchard.",
    updated: "2026-03-02",
    url: "https://tracker.example/1",
  },
  {
    id: 2,
    title: "Feeding in winter",
    body: "Seeds, and fat for the tits.",
    updated: "2026-03-03",
    url: "https://tracker.example/2",
  },
];

const manifest = (base) => `version: 6.0.0
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
        url_base: ${base}
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
