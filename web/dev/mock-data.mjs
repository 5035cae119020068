// Invented content for developing the pages: long words, right-to-left names, every state, every kind of failure.

const now = Date.now();
const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

export const users = [
  {
    id: 1,
    name: "Ada Fisher",
    email: "ada@example.org",
    role: "administrator",
    state: "active",
    created_at: now - 90 * DAY,
    last_seen_at: now - 2 * MIN,
  },
  {
    id: 2,
    name: "עדה כהן",
    email: "ada.cohen@example.org",
    role: "member",
    state: "active",
    created_at: now - 60 * DAY,
    last_seen_at: now - 3 * DAY,
  },
  {
    id: 3,
    name: "Maximiliane-Friederike von Donaudampfschifffahrtsgesellschaftskapitän",
    email: "maximiliane.friederike@rechtsschutzversicherungsgesellschaften.example.org",
    role: "member",
    state: "active",
    created_at: now - 30 * DAY,
    last_seen_at: now - 40 * MIN,
  },
  {
    id: 4,
    name: "",
    email: "new.person@example.org",
    role: "member",
    state: "invited",
    created_at: now - HOUR,
    last_seen_at: null,
  },
  {
    id: 5,
    name: "محمد الأمين",
    email: "mohamed@example.org",
    role: "member",
    state: "disabled",
    created_at: now - 300 * DAY,
    last_seen_at: now - 200 * DAY,
  },
];

export const groups = [
  {
    id: 1,
    name: "Finance",
    members: [
      { kind: "user", id: 1, name: "Ada Fisher" },
      { kind: "group", id: 2, name: "Controlling" },
    ],
  },
  { id: 2, name: "Controlling", members: [{ kind: "user", id: 2, name: "עדה כהן" }] },
];

export const keys = [
  {
    id: 1,
    name: "Intranet search",
    scopes: ["search"],
    expires_at: now + 90 * DAY,
    last_used_at: now - 5 * MIN,
    created_at: now - 20 * DAY,
  },
  {
    id: 2,
    name: "Backup script",
    scopes: ["read", "manage"],
    expires_at: null,
    last_used_at: null,
    created_at: now - 2 * DAY,
  },
];

const sync = (source, id, more) => ({
  id,
  source,
  mode: "incremental",
  state: "completed",
  started_at: now - 12 * MIN,
  finished_at: now - 11 * MIN,
  pages: 14,
  pages_open: 0,
  records_seen: 214,
  records_changed: 12,
  records_deleted: 1,
  failures: 0,
  expected: null,
  rate_per_s: 0,
  eta_ms: null,
  message: null,
  waiting_until: null,
  waiting_for: null,
  ...more,
});

const base = (id, name, more) => ({
  id,
  name,
  connector: "folder",
  owner: { id: 1, name: "Ada Fisher" },
  visibility: { to: "everyone" },
  state: "synced",
  state_detail: null,
  paused: false,
  schedule: { every_ms: 300_000 },
  config: { path: "/srv/files", include: ["**/*"], exclude: [] },
  records: 6120,
  failures: 0,
  last_sync: sync(id, id * 10),
  current_sync: null,
  created_at: now - 30 * DAY,
  may_manage: true,
  ...more,
});

export const sources = [
  base(1, "Documentation", { records: 84 }),
  base(2, "Finance drive", {
    state: "syncing",
    visibility: { to: "groups", groups: [1] },
    failures: 14,
    records: 4210,
    current_sync: sync(2, 21, {
      mode: "full",
      state: "running",
      started_at: now - 50_000,
      finished_at: null,
      pages: 43,
      pages_open: 3,
      records_seen: 4210,
      records_changed: 900,
      records_deleted: 0,
      failures: 14,
      expected: 6800,
      rate_per_s: 85,
      eta_ms: 31_000,
    }),
  }),
  base(3, "Issues of the rechtsschutzversicherungsgesellschaftlichen Fachabteilung", {
    connector: "http",
    state: "waiting",
    config: { owner: "example", repository: "project" },
    records: 31_204,
    state_detail: {
      what: "The provider's hourly limit is used up.",
      whose_turn: "Nobody's turn: it goes on by itself.",
      action: null,
      until: now + 25 * MIN,
    },
    current_sync: sync(3, 31, {
      state: "running",
      finished_at: null,
      waiting_until: now + 25 * MIN,
      waiting_for: "the provider's hourly limit",
      records_seen: 310,
      expected: null,
      rate_per_s: 0,
    }),
  }),
  base(4, "Board", {
    connector: "http",
    manifest:
      "version: 6.0.0\nstreams:\n  - name: cards\nspec:\n  connection_specification:\n    type: object\n    required: [board, key]\n    properties:\n      board: { type: string }\n      key: { type: string, airbyte_secret: true }\n",
    state: "needs_attention",
    records: 120,
    failures: 2,
    config: {},
    state_detail: {
      what: "The provider refuses the key (401).",
      whose_turn: "Your turn: enter a new key.",
      action: "edit",
      until: null,
    },
    last_sync: sync(4, 41, { state: "failed", message: "the provider refuses the key (401)" }),
  }),
  base(5, "Archive", {
    state: "needs_attention",
    records: 48_000,
    state_detail: {
      what: "The folder suddenly lacks 41,000 of 48,000 files.",
      whose_turn: "Your turn: confirm that they are gone, or put them back.",
      action: "confirm_sweep",
      until: null,
    },
    current_sync: sync(5, 51, {
      mode: "full",
      state: "needs_confirmation",
      finished_at: null,
      records_seen: 7000,
      records_deleted: 41_000,
      message: "41,000 of 48,000 records of stream `files` are no longer listed",
    }),
  }),
  base(6, "Old wiki", { state: "paused", paused: true, visibility: { to: "owner" } }),
  base(7, "مجلد العقود", {
    state: "queued",
    records: 0,
    last_sync: null,
    may_manage: false,
    owner: { id: 2, name: "עדה כהן" },
  }),
];

export const streams = {
  items: [
    {
      id: 1,
      name: "files",
      enabled: true,
      records: 6120,
      failures: 14,
      cursor: null,
      last_landed_at: now - 20_000,
    },
    {
      id: 2,
      name: "comments",
      enabled: true,
      records: 402,
      failures: 0,
      cursor: "2026-03-01T00:00:00Z",
      last_landed_at: now - HOUR,
    },
    { id: 3, name: "drafts", enabled: false, records: 0, failures: 0, cursor: null, last_landed_at: null },
  ],
};

export const failureGroups = {
  groups: [
    {
      reason: "the file is encrypted with a password",
      count: 12,
      example: "Verträge/Geheimhaltungsvereinbarung-Lebensversicherungsgesellschaft.pdf",
      stage: "parse",
    },
    {
      reason: "the archive unpacks to more than 256 MB",
      count: 1,
      example: "backup/everything.zip",
      stage: "parse",
    },
    {
      reason: "permission denied while reading the file",
      count: 1,
      example: "private/keys.txt",
      stage: "fetch",
    },
  ],
};

export function failureItems(reason) {
  const group = failureGroups.groups.find((each) => each.reason === reason) ?? failureGroups.groups[0];
  return {
    items: Array.from({ length: group.count }, (_, at) => ({
      id: 100 + at,
      reason: group.reason,
      detail: `parser: ${group.reason}\n  at page ${at + 1}\n  file ${group.example}`,
      stage: group.stage,
      record_key: `${at}-${group.example}`,
      page: 7 + at,
      at: now - at * MIN,
    })),
  };
}

export const history = (source) => [
  sync(source, 91, {
    state: "failed",
    message: "the provider answered 503 five times",
    started_at: now - DAY,
    finished_at: now - DAY + 90_000,
    failures: 3,
  }),
  sync(source, 90, {
    mode: "full",
    started_at: now - 2 * DAY,
    finished_at: now - 2 * DAY + 400_000,
    records_seen: 6800,
    records_changed: 6800,
  }),
  sync(source, 89, {
    state: "cancelled",
    started_at: now - 3 * DAY,
    finished_at: now - 3 * DAY + 5000,
    records_seen: 12,
  }),
];

const KINDS = ["fetch_slice", "parse_page", "upload_changes", "plan_sync", "sweep_sync", "prune"];
const STATES = [
  "running",
  "available",
  "scheduled",
  "retryable",
  "pending",
  "completed",
  "discarded",
  "cancelled",
];

export const tasks = Array.from({ length: 240 }, (_, at) => {
  const state = STATES[at % STATES.length];
  return {
    id: 9000 - at,
    kind: KINDS[at % KINDS.length],
    queue: ["fetch", "parse", "upload", "housekeeping"][at % 4],
    state,
    priority: at % 3,
    attempt: state === "retryable" ? 3 : 1,
    max_attempts: 20,
    run_at: now + (state === "scheduled" || state === "retryable" ? 5 * MIN : -at * 1000),
    args: { slice: at, note: "Straßenbahnhaltestellenverzeichnis" },
    source: at % 5 ? (at % 5) + 1 : null,
    error: ["retryable", "discarded"].includes(state)
      ? "the provider answered 503: `service unavailable` (https://api.example.org/v1/items?page=3)"
      : null,
    errors: ["retryable", "discarded"].includes(state)
      ? [
          { at: now - HOUR, error: "the provider answered 503" },
          { at: now - MIN, error: "the provider answered 503" },
        ]
      : null,
    created_at: now - at * 10_000,
    finished_at: ["completed", "discarded", "cancelled"].includes(state) ? now - at * 5000 : null,
    worker: state === "running" ? "main/3" : null,
  };
});

export const queues = {
  items: [
    {
      name: "fetch",
      paused: false,
      limit: 16,
      available: 120,
      running: 8,
      scheduled: 4,
      retryable: 2,
      discarded: 0,
      oldest_at: now - 90_000,
      done_per_min: 340,
    },
    {
      name: "parse",
      paused: false,
      limit: 2,
      available: 1240,
      running: 2,
      scheduled: 0,
      retryable: 0,
      discarded: 3,
      oldest_at: now - 12 * MIN,
      done_per_min: 610,
    },
    {
      name: "upload",
      paused: true,
      limit: 1,
      available: 1,
      running: 0,
      scheduled: 0,
      retryable: 0,
      discarded: 0,
      oldest_at: now - HOUR,
      done_per_min: 0,
    },
    {
      name: "housekeeping",
      paused: false,
      limit: 1,
      available: 0,
      running: 0,
      scheduled: 12,
      retryable: 0,
      discarded: 0,
      oldest_at: null,
      done_per_min: 1,
    },
  ],
};

export const connectors = {
  items: [
    {
      name: "folder",
      title: "Folder",
      description: "Files below a folder of the machine that Fossick runs on.",
      config_schema: {
        type: "object",
        required: ["path"],
        properties: {
          path: {
            type: "string",
            title: "Folder",
            description: "As the server sees it, such as /srv/files.",
            order: 0,
          },
          include: {
            type: "array",
            items: { type: "string" },
            title: "Only",
            description: "Globs; nothing means everything.",
            order: 1,
            examples: ["**/*.pdf"],
          },
          exclude: {
            type: "array",
            items: { type: "string" },
            title: "Never",
            description: "Globs, such as **/node_modules/**.",
            order: 2,
          },
          follow_symlinks: { type: "boolean", title: "Follow symbolic links", default: false, order: 3 },
          max_file_mb: { type: "integer", title: "Largest file, MB", default: 64, minimum: 1, order: 4 },
        },
      },
    },
    {
      name: "http",
      title: "HTTP API",
      description: "Any HTTP API that a manifest describes.",
      config_schema: { type: "object", properties: {} },
    },
  ],
};
