// The nouns of the HTTP API as the pages use them. Times are UTC milliseconds, ids are integers.

export interface Page<T> {
  items: T[];
  next?: string | null;
}

export type Role = "administrator" | "member";

export interface Session {
  signed_in: boolean;
  csrf: string;
  user?: { id: number; name: string; email: string; role: Role } | null;
  setup_needed: boolean;
  version: string;
}

export interface LinkInfo {
  kind: "setup" | "invitation" | "reset";
  email?: string | null;
  expires_at: number;
}

export interface User {
  id: number;
  name: string;
  email: string;
  role: Role;
  state: "active" | "invited" | "disabled";
  created_at: number;
  last_seen_at?: number | null;
}

export interface OneTimeLink {
  url: string;
  expires_at: number;
}

export interface GroupMember {
  kind: "user" | "group";
  id: number;
  name: string;
}

export interface Group {
  id: number;
  name: string;
  members: GroupMember[];
}

export type Scope = "search" | "read" | "manage";

export interface ApiKey {
  id: number;
  name: string;
  scopes: Scope[];
  expires_at?: number | null;
  last_used_at?: number | null;
  created_at: number;
}

export interface SearchKey {
  application_id: string;
  key: string;
  index: string;
  expires_at: number;
  hosts: string[];
}

export interface ConnectorInfo {
  name: string;
  title: string;
  description: string;
  config_schema: JsonSchema;
}

/** The part of JSON Schema that configuration forms are made of. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  examples?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  order?: number;
  airbyte_secret?: boolean;
  airbyte_hidden?: boolean;
  multiline?: boolean;
  $ref?: string;
  [extension: string]: unknown;
}

export type SourceState = "synced" | "syncing" | "waiting" | "needs_attention" | "paused" | "queued";

export type Visibility = { to: "owner" } | { to: "groups"; groups: number[] } | { to: "everyone" };

export type Schedule = { every_ms: number } | { cron: string; time_zone: string } | null;

export type StateAction = "sync" | "retry" | "edit" | "confirm_sweep" | "resume";

export interface StateDetail {
  what: string;
  whose_turn?: string | null;
  action?: StateAction | null;
  until?: number | null;
}

export type SyncMode = "full" | "incremental";

export interface Sync {
  id: number;
  source: number;
  mode: SyncMode;
  state: "running" | "sweeping" | "needs_confirmation" | "completed" | "failed" | "cancelled";
  started_at: number;
  finished_at?: number | null;
  pages: number;
  pages_open: number;
  records_seen: number;
  records_changed: number;
  records_deleted: number;
  failures: number;
  expected?: number | null;
  rate_per_s?: number | null;
  eta_ms?: number | null;
  message?: string | null;
  waiting_until?: number | null;
  waiting_for?: string | null;
}

export interface Source {
  id: number;
  name: string;
  connector: string;
  owner: { id: number; name: string };
  visibility: Visibility;
  state: SourceState;
  state_detail?: StateDetail | null;
  paused: boolean;
  schedule: Schedule;
  /** Without secrets; `null` for those who don't manage it. */
  config: Record<string, unknown> | null;
  /** The texts it was made with, for those who manage it. */
  manifest?: string | null;
  search?: string | null;
  records: number;
  failures: number;
  last_sync?: Sync | null;
  current_sync?: Sync | null;
  created_at: number;
  may_manage: boolean;
  /** Whether the caller may see its content; somebody who administers it may not. */
  may_see?: boolean;
}

export interface SourceDraft {
  name: string;
  connector: string;
  config: Record<string, unknown>;
  secrets?: Record<string, unknown>;
  visibility: Visibility;
  schedule?: Schedule;
  manifest?: string;
  search?: string;
}

export interface CheckResult {
  ok: boolean;
  problems: { where: string; what: string; way_out: string }[];
}

export interface Discovery {
  streams: { name: string; incremental: boolean; primary_key: string[] | string | null }[];
  mapping_guess: string;
}

export interface Estimate {
  items: number;
  bytes: number;
  by_kind: { kind: string; items: number }[];
  sample: string[];
  truncated: boolean;
}

export interface Stream {
  id: number;
  name: string;
  enabled: boolean;
  records: number;
  failures: number;
  /** Whatever its connector goes by; `null` for a stream that is read whole. */
  cursor?: unknown;
  last_landed_at?: number | null;
}

export type Stage = "fetch" | "parse" | "upload";

export interface FailureGroup {
  reason: string;
  count: number;
  example: string;
  stage: Stage;
}

export interface FailureItem {
  id: number;
  reason: string;
  detail: string;
  stage: Stage;
  record_key?: string | null;
  page?: number | null;
  at: number;
}

export interface Preview {
  title: string;
  kind: string;
  url?: string | null;
  path?: string | null;
  people: string[];
  changed_at?: number | null;
  text: string;
  marks: [number, number][];
  pages?: number | null;
  download: boolean;
  source: { id: number; name: string };
}

export interface RecordData {
  id: number;
  source: number;
  stream: string;
  key: string;
  data: unknown;
  text: string;
  acl: unknown;
  revision: number;
  changed_at?: number | null;
}

export interface Access {
  may_see: boolean;
  because: string[];
}

export type TaskState =
  | "scheduled"
  | "available"
  | "running"
  | "retryable"
  | "pending"
  | "completed"
  | "discarded"
  | "cancelled";

export interface Task {
  id: number;
  kind: string;
  queue: string;
  state: TaskState;
  priority: number;
  attempt: number;
  max_attempts: number;
  run_at: number;
  args: unknown;
  source?: number | null;
  error?: string | null;
  errors?: unknown[] | null;
  created_at: number;
  finished_at?: number | null;
  worker?: string | null;
}

export interface Queue {
  name: string;
  paused: boolean;
  limit?: number | null;
  available: number;
  running: number;
  scheduled: number;
  retryable: number;
  discarded: number;
  oldest_at?: number | null;
  done_per_min: number;
}

export interface LogLine {
  at: number;
  level: string;
  source?: number | null;
  message: string;
}
