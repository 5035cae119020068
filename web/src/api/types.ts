// The nouns of the HTTP API under the names that the pages use. Their shapes are generated from the API's description
// (`schema.ts`); here stands only what that can't say: which words a text may be, what a form's schema looks like.
import type * as schema from "./schema";

export type {
  Access,
  Check,
  Discovery,
  EstimateView as Estimate,
  Group,
  Key as ApiKey,
  LinkToPass as OneTimeLink,
  LinkView as LinkInfo,
  LogLine,
  MemberView as GroupMember,
  Queue,
  Record as RecordData,
  Scope,
  SearchKey,
  Session,
  SourceDraft,
  Status,
  Stream,
  Sync,
  Task,
  User,
  Visibility,
} from "./schema";

export interface Page<T> {
  items: T[];
  next?: string | null;
}

export type Role = schema.User["role"];
export type SourceState = schema.Source["state"];
export type TaskState = schema.Task["state"];

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

export type ConnectorInfo = Omit<schema.Connector, "config_schema"> & { config_schema: JsonSchema };

/** Every so often, at set times, or by hand. */
export type Schedule = { every_ms: number } | { cron: string; time_zone: string } | null;

export type StateAction = "sync" | "retry" | "edit" | "confirm_sweep" | "resume";

export type Source = Omit<schema.Source, "schedule" | "state_detail"> & {
  schedule?: Schedule;
  state_detail?: (Omit<schema.StateDetail, "action"> & { action?: StateAction | null }) | null;
};

export type Stage = "fetch" | "parse" | "upload";
export type FailureGroup = schema.FailureGroup & { stage: Stage };
export type FailureItem = schema.Failure & { stage: Stage };

/** A preview; its marks are pairs of start and end. */
export type Preview = Omit<schema.Preview, "marks"> & { marks: [number, number][] };
