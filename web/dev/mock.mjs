// A stand-in for the server, for developing the pages only: it proves nothing about the product.
//
//   node dev/mock.mjs [port] [empty|errors]      serves dist/ and invented data; sign in with any password but "wrong"
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as data from "./mock-data.mjs";
import { documents } from "./mock-documents.mjs";
import { lines } from "./mock-log.mjs";
import { marksOf, searchAll } from "./mock-search.mjs";

const port = Number(process.argv[2] ?? 3677);
const mode = process.argv[3] ?? "";
const dist = fileURLToPath(new URL("../dist/", import.meta.url));

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
// ReDoc writes its styles into the page; it alone needs this.
const POLICIES = { "/redoc": CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") };
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

let signedIn = mode !== "signed-out";
const streams = new Set();
let { users, groups, keys, sources } = structuredClone({
  users: data.users,
  groups: data.groups,
  keys: data.keys,
  sources: mode === "empty" ? [] : data.sources,
});
const nextId = (list) => Math.max(0, ...list.map((each) => each.id)) + 1;

class Refused {
  constructor(status, code, title, detail, fields) {
    Object.assign(this, { status, code, title, detail, fields });
  }
}
const missing = (what) =>
  new Refused(404, "not_found", `There is no such ${what}`, `no ${what} with this id is visible to you`);
const found = (list, id, what) => {
  const one = list.find((each) => each.id === Number(id));
  if (!one) throw missing(what);
  return one;
};
const session = () => ({
  signed_in: signedIn,
  csrf: "token",
  user: signedIn ? users[0] : null,
  setup_needed: false,
  version: "0.1.0",
});
const page = (items, query) => {
  const after = Number(query.get("after") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return {
    items: items.slice(after, after + limit),
    next: after + limit < items.length ? String(after + limit) : null,
  };
};
const link = (kind) => ({
  url: `http://127.0.0.1:${port}/${kind}/3f9c2a7be01d4c6fa1`,
  expires_at: Date.now() + 86_400_000,
});

const routes = {
  "GET /session": session,
  "POST /session": ({ body }) => {
    if (/^(wrong|not )/.test(body.password))
      throw new Refused(401, "wrong_credentials", "Wrong credentials", "");
    signedIn = true;
    return session();
  },
  "DELETE /session": () => {
    signedIn = false;
  },
  "GET /links/:token": ({ params }) => {
    if (params.token === "old") throw new Refused(404, "link_expired", "This link has expired", "");
    return {
      kind: params.token.startsWith("r") ? "reset" : params.token.startsWith("i") ? "invitation" : "setup",
      email: params.token.startsWith("s") ? null : "new.person@example.org",
      expires_at: Date.now() + 1_700_000,
    };
  },
  "POST /links/:token": ({ body }) => {
    if (body.password.length < 12)
      throw new Refused(422, "invalid", "Some fields need another look", "", [
        { name: "password", message: "is easy to guess: take a longer one" },
      ]);
    signedIn = true;
    return session();
  },
  "GET /search-key": () => ({
    application_id: "fossick",
    key: "search-key",
    index: "fossick",
    expires_at: Date.now() + 3_600_000,
    hosts: ["*"],
  }),
  "GET /users": ({ query }) => page(users, query),
  "POST /users": ({ body }) => {
    if (users.some((each) => each.email === body.email))
      throw new Refused(422, "invalid", "Some fields need another look", "", [
        { name: "email", message: "has an account already" },
      ]);
    const user = {
      id: nextId(users),
      name: body.name ?? "",
      email: body.email,
      role: body.role,
      state: "invited",
      created_at: Date.now(),
      last_seen_at: null,
    };
    users.push(user);
    return { user, invitation: link("invite") };
  },
  "PATCH /users/:id": ({ params, body }) => Object.assign(found(users, params.id, "user"), body),
  "DELETE /users/:id": ({ params }) => {
    users = users.filter((each) => each.id !== Number(params.id));
  },
  "POST /users/:id/reset-link": () => link("reset"),
  "GET /groups": ({ query }) => page(groups, query),
  "POST /groups": ({ body }) => {
    const group = { id: nextId(groups), name: body.name, members: [] };
    groups.push(group);
    return group;
  },
  "PATCH /groups/:id": ({ params, body }) => Object.assign(found(groups, params.id, "group"), body),
  "DELETE /groups/:id": ({ params }) => {
    groups = groups.filter((each) => each.id !== Number(params.id));
  },
  "PUT /groups/:id/members/:kind/:member": ({ params }) => {
    const list = params.kind === "user" ? users : groups;
    found(groups, params.id, "group").members.push({
      kind: params.kind,
      id: Number(params.member),
      name: found(list, params.member, params.kind).name,
    });
  },
  "DELETE /groups/:id/members/:kind/:member": ({ params }) => {
    const group = found(groups, params.id, "group");
    group.members = group.members.filter(
      (each) => !(each.kind === params.kind && each.id === Number(params.member)),
    );
  },
  "GET /keys": ({ query }) => page(keys, query),
  "POST /keys": ({ body }) => {
    const key = {
      id: nextId(keys),
      name: body.name,
      scopes: body.scopes,
      expires_at: body.expires_at ?? null,
      last_used_at: null,
      created_at: Date.now(),
    };
    keys.push(key);
    return { key, secret: "fsk_9f2c7a1d4be85036_c1fd0a2e7b64" };
  },
  "DELETE /keys/:id": ({ params }) => {
    keys = keys.filter((each) => each.id !== Number(params.id));
  },
  "GET /connectors": () => data.connectors,
  "GET /sources": ({ query }) => page(sources, query),
  "POST /sources": ({ body }) => {
    const source = {
      ...data.sources[0],
      ...body,
      secrets: undefined,
      id: nextId(sources),
      state: "queued",
      records: 0,
      failures: 0,
      last_sync: null,
      current_sync: null,
      created_at: Date.now(),
    };
    sources.push(source);
    setTimeout(() => {
      source.state = "synced";
      const event = `event: source\ndata: ${JSON.stringify({ id: source.id, state: "synced" })}\n\n`;
      for (const response of streams) response.write(event);
    }, 1500);
    return source;
  },
  "GET /sources/:id": ({ params }) => found(sources, params.id, "source"),
  "PATCH /sources/:id": ({ params, body }) => Object.assign(found(sources, params.id, "source"), body),
  "DELETE /sources/:id": ({ params }) => {
    sources = sources.filter((each) => each.id !== Number(params.id));
  },
  "POST /sources/check": ({ body }) =>
    body.connector === "folder" && !body.config.path?.includes("nowhere")
      ? { ok: true, problems: [], warnings: [] }
      : {
          ok: false,
          problems: [
            {
              where: body.connector === "folder" ? "path" : "definitions.streams.issues.retriever",
              what: `the ${body.connector === "folder" ? "folder does not exist" : "provider answers 401 to the first page"}`,
              way_out: "Check it for typing errors, or let the service's user read it.",
            },
          ],
          warnings: [],
        },
  "POST /sources/discover": () => ({
    documents: [
      {
        stream: "issues",
        key: "4711",
        kind: "issue",
        title: "Payment is late",
        body: "The invoice of March was paid in May, and nobody was told. ".repeat(4),
        path: "example/project",
        people: ["Ada Fisher"],
        changed_at: Date.now() - 7_200_000,
      },
      { stream: "comments", key: "1", kind: "comment", title: "", body: "", people: [] },
    ],
    warnings: ["the manifest has a key `concurrency_level` that is not understood"],
    streams: [
      { name: "issues", incremental: true, primary_key: ["id"] },
      { name: "comments", incremental: false, primary_key: null },
    ],
    mapping_guess: "version: 1\nstreams:\n  issues:\n    title: /title\n    body: /body\n",
  }),
  "POST /sources/estimate": ({ body }) => {
    if (body.config.path?.includes("nowhere"))
      throw new Refused(
        422,
        "invalid",
        "This folder can't be read",
        "`/nowhere` does not exist on the server",
        [{ name: "config.path", message: "does not exist on the server" }],
      );
    return {
      problems: ["`Ablage/Alt` can't be read: permission denied"],
      items: 6800,
      bytes: 3_402_112_000,
      by_kind: [
        { kind: "pdf", items: 4200 },
        { kind: "docx", items: 1500 },
        { kind: "sheet", items: 900 },
        { kind: "other", items: 200 },
      ],
      sample: [
        "Finance/2026/Invoice March 2026.pdf",
        "Ablage/Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz.docx",
        "כספים/חשבונית.docx",
      ],
      truncated: false,
    };
  },
  "POST /sources/:id/sync": ({ params, body }) => ({
    sync: { ...data.history(Number(params.id))[0], mode: body.mode, state: "running" },
  }),
  "POST /sources/:id/replay": () => ({ pages: 43 }),
  "POST /sources/:id/pause": ({ params }) =>
    Object.assign(found(sources, params.id, "source"), { paused: true, state: "paused" }),
  "POST /sources/:id/resume": ({ params }) =>
    Object.assign(found(sources, params.id, "source"), { paused: false, state: "synced" }),
  "POST /syncs/:id/cancel": () => data.history(1)[2],
  "POST /syncs/:id/confirm-sweep": () => data.history(1)[1],
  "GET /sources/:id/streams": () => data.streams,
  "GET /sources/:id/syncs": ({ params, query }) =>
    page(
      [found(sources, params.id, "source").current_sync, ...data.history(Number(params.id))].filter(Boolean),
      query,
    ),
  "GET /sources/:id/failures": ({ params, query }) => {
    if (query.get("reason") !== null) return data.failureItems(query.get("reason"));
    return found(sources, params.id, "source").failures > 0 ? data.failureGroups : { groups: [] };
  },
  "POST /sources/:id/failures/retry": () => ({ tasks: 12 }),
  "GET /records/:id": ({ params }) => {
    const { body: text, ...document } = documents[Number(params.id) - 1] ?? {};
    if (!text) throw missing("record");
    return {
      id: Number(params.id),
      source: document.source_id,
      stream: "files",
      key: document.title,
      data: document,
      text,
      acl: [["fossick/everyone/1"]],
      revision: 3,
      changed_at: document.changed_at,
    };
  },
  "GET /records/:id/preview": ({ params, query }) => {
    const document = documents[Number(params.id) - 1];
    if (!document) throw missing("record");
    if (Number(params.id) === 7)
      throw new Refused(
        500,
        "bug",
        "The preview could not be made",
        "the text of this record is not readable",
      );
    const { title, kind, url, path, people, changed_at, body: text } = document;
    return {
      title,
      kind,
      url,
      path,
      people,
      changed_at,
      text,
      marks: marksOf(text, query.get("q") ?? ""),
      pages: kind === "pdf" ? 3 : null,
      download: !url,
      source: { id: document.source_id, name: document.source },
    };
  },
  "GET /records/:id/access": ({ query }) => ({
    may_see: query.get("user") !== "5",
    because:
      query.get("user") === "5"
        ? ["the account is disabled"]
        : [
            "the source “Finance drive” is shared with the group “Finance”",
            "Ada Fisher is a member of “Finance”",
            "the document itself asks for nothing more",
          ],
  }),
  "GET /tasks": ({ query }) => {
    const names = ["state", "queue", "kind", "source"];
    return page(
      data.tasks.filter((task) =>
        names.every((name) => !query.get(name) || String(task[name]) === query.get(name)),
      ),
      query,
    );
  },
  "GET /tasks/:id": ({ params }) => found(data.tasks, params.id, "task"),
  "POST /tasks/:id/retry": ({ params }) =>
    Object.assign(found(data.tasks, params.id, "task"), { state: "available" }),
  "POST /tasks/:id/cancel": ({ params }) =>
    Object.assign(found(data.tasks, params.id, "task"), { state: "cancelled" }),
  "GET /sources/:id/log": ({ params }) => ({ items: lines(Number(params.id)) }),
  "GET /tasks/:id/log": () => ({ items: lines(1).slice(0, 4) }),
  "GET /status": () => ({
    version: "0.1.0",
    store: "sqlite",
    index: { documents: 96_512, position: 100_000, behind: 40 },
    queues: data.queues.items.map((queue) => ({ pending: 0, ...queue })),
    workers: [
      {
        name: "main",
        queues: ["fetch", "housekeeping", "parse", "upload"],
        running: 10,
        started_at: Date.now() - 3_600_000,
        seen_at: Date.now() - 4_000,
      },
      { name: "attic", queues: ["fetch"], running: 0, started_at: 0, seen_at: Date.now() - 300_000 },
    ],
    data_bytes: 812_000_000,
    started_at: Date.now() - 3_600_000,
  }),
  "POST /queues/:name/pause": ({ params }) =>
    Object.assign(
      data.queues.items.find((each) => each.name === params.name),
      { paused: true },
    ),
  "POST /queues/:name/resume": ({ params }) =>
    Object.assign(
      data.queues.items.find((each) => each.name === params.name),
      { paused: false },
    ),
  "GET /openapi.json": () => ({
    openapi: "3.1.0",
    info: { title: "Fossick", version: "0.1.0" },
    paths: {
      "/api/v1/session": {
        get: { summary: "Who is signed in", responses: { 200: { description: "The session" } } },
      },
    },
  }),
};

const table = Object.entries(routes).map(([name, handler]) => {
  const [method, pattern] = name.split(" ");
  return {
    method,
    handler,
    names: [...pattern.matchAll(/:(\w+)/g)].map((match) => match[1]),
    test: new RegExp(`^${pattern.replace(/:\w+/g, "([^/]+)")}$`),
  };
});

function api(request, response, url, body) {
  const path = url.pathname.slice("/api/v1".length);
  if (path === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    streams.add(response);
    response.on("close", () => streams.delete(response));
    return;
  }
  const open = path === "/session" || path.startsWith("/links/");
  try {
    if (!open && !signedIn) throw new Refused(401, "not_signed_in", "You are signed out", "");
    if (mode === "errors" && !open && path !== "/search-key")
      throw new Refused(
        503,
        "store_unavailable",
        "The database does not answer",
        "`data/fossick.db`: disk I/O error",
      );
    for (const route of table) {
      const match = route.method === request.method && route.test.exec(path);
      if (!match) continue;
      const params = Object.fromEntries(
        route.names.map((name, at) => [name, decodeURIComponent(match[at + 1])]),
      );
      const answer = route.handler({ params, body, query: url.searchParams });
      response.writeHead(answer === undefined ? 204 : 200, { "content-type": "application/json" });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
      return;
    }
    throw missing("address");
  } catch (error) {
    const { status = 500, code = "bug", title = String(error), detail = "", fields } = error;
    response.writeHead(status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ type: "about:blank", title, status, code, detail, fields, docs: "/docs" }));
  }
}

function file(response, path) {
  const names = { "/docs": "/docs.html", "/redoc": "/redoc.html" };
  const wanted = join(dist, normalize(names[path] ?? path));
  const target =
    wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile()
      ? wanted
      : join(dist, "index.html");
  response.writeHead(200, {
    "content-type": TYPES[extname(target)] ?? "application/octet-stream",
    "content-security-policy": POLICIES[path] ?? CSP,
  });
  createReadStream(target).pipe(response);
}

createServer((request, response) => {
  const url = new URL(request.url, "http://mock");
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    const body = text ? JSON.parse(text) : {};
    if (url.pathname.startsWith("/api/v1/")) return api(request, response, url, body);
    if (url.pathname.startsWith("/1/")) {
      const fail = mode === "errors";
      const answer =
        mode === "empty"
          ? {
              results: body.requests.map((each) => ({
                hits: [],
                nbHits: 0,
                page: 0,
                nbPages: 0,
                hitsPerPage: 30,
                query: each.query ?? "",
                facets: {},
                processingTimeMS: 1,
                index: each.indexName,
              })),
            }
          : searchAll(body);
      response.writeHead(fail ? 500 : 200, { "content-type": "application/json" });
      return response.end(
        JSON.stringify(fail ? { message: "the index is being rebuilt", status: 500 } : answer),
      );
    }
    return file(response, url.pathname);
  });
}).listen(port, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port} ${mode}`));

setInterval(() => {
  const sync = sources[1]?.current_sync;
  if (!sync) return;
  sync.records_seen = sync.records_seen >= sync.expected ? 1000 : sync.records_seen + 85;
  sync.eta_ms = ((sync.expected - sync.records_seen) / 85) * 1000;
  const log = {
    at: Date.now(),
    level: "info",
    source: 2,
    message: `landed page ${sync.pages} of stream \`files\``,
  };
  for (const response of streams)
    response.write(
      `event: sync\ndata: ${JSON.stringify(sync)}\n\nevent: log\ndata: ${JSON.stringify(log)}\n\n`,
    );
}, 1000).unref();
