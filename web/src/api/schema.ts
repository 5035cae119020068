// The nouns and operations of the HTTP API. Written from docs/reference/openapi.json by `make gen`.

/** Whether somebody may see a record, and why. */
export interface Access {
  /** Whether they may. */
  may_see: boolean;
  /** The reasons, in sentences. */
  because: string[];
}

/** What somebody says about themselves. */
export interface Answers {
  /** What they are called; optional where the account has a name. */
  name?: string;
  /** Their address; needed on a set-up link, otherwise it is the account's. */
  email?: string;
  /** The password that they choose. */
  password: string;
}

/** Whether a source would work. */
export interface Check {
  /** Whether it would. */
  ok: boolean;
  /** What stands in the way. */
  problems: CheckProblem[];
  /** What a person should know and nothing stops. */
  warnings: string[];
}

/** Something that stands in the way. */
export interface CheckProblem {
  /** Where: a field, or a file and the place in it. */
  where: string;
  /** What is wrong. */
  what: string;
  /** What to do about it. */
  way_out: string;
}

/** A connector. */
export interface Connector {
  /** What a source's `connector` calls it. */
  name: string;
  /** What people call it. */
  title: string;
  /** One sentence. */
  description: string;
  /** The JSON Schema of its configuration. */
  config_schema: { [name: string]: unknown };
  /** Whether a source of it needs a manifest. */
  needs_manifest: boolean;
}

/** Who wants to sign in. */
export interface Credentials {
  /** The account's address. */
  email: string;
  /** Its password. */
  password: string;
}

/** One stream that a source offers. */
export interface DiscoveredStream {
  /** Its name. */
  name: string;
  /** Whether it can be read from where the last sync ended. */
  incremental: boolean;
  /** The fields that identify a record. */
  primary_key: string[];
}

/** What a source offers. */
export interface Discovery {
  /** Its streams. */
  streams: DiscoveredStream[];
  /** The mapping of records to documents that would be used, as a `search.yaml` to correct. */
  mapping_guess: string;
  /** Some documents of each stream, as that mapping makes them. */
  documents: SampleDocument[];
  /** What a person should know and nothing stops. */
  warnings: string[];
}

/** What a sync would take. */
export interface EstimateView {
  /** Files. */
  items: number;
  /** Their size together. */
  bytes: number;
  /** Files per kind, most first. */
  by_kind: KindCount[];
  /** Some paths of each kind. */
  sample: string[];
  /** Whether a limit ended the look: there is more than this. */
  truncated: boolean;
  /** Places that can't be read, and links that are not followed. */
  problems: string[];
}

/** One value of a facet. */
export interface FacetHit {
  /** The value. */
  value: string;
  /** The value with its match marked. */
  highlighted: string;
  /** How many documents have it. */
  count: number;
}

/** Values of a facet. */
export interface FacetHits {
  /** The values, the most frequent first. */
  facetHits: FacetHit[];
  /** Whether all documents were counted: always. */
  exhaustiveFacetsCount: boolean;
  /** How long it took, in milliseconds. */
  processingTimeMS: number;
}

/** A search in the values of one facet. Parameters of a search say among which documents. */
export interface FacetSearch {
  /** What was typed. */
  facetQuery?: string | null;
  /** How many values at most, at most 100. */
  maxFacetHits?: number | null;
  /** What the documents are searched for. */
  query?: string | null;
  /** The documents in which the values are counted. */
  filters?: string | null;
}

/** One thing that went wrong. */
export interface Failure {
  /** Its id. */
  id: number;
  /** The class. */
  reason: string;
  /** What happened, with the thing, the place and the way out. */
  detail: string;
  /** `fetch`, `parse` or `upload`. */
  stage: string;
  /** The record's key, where it is known. */
  record_key?: string | null;
  /** The record, where it has a row. */
  record?: number | null;
  /** The page to parse again. */
  page?: number | null;
  /** When it happened last, in UTC milliseconds. */
  at: number;
}

/** Failures with one reason. */
export interface FailureGroup {
  /** The class: the same words for the same cause. */
  reason: string;
  /** How many. */
  count: number;
  /** One of them, in full; empty where the caller may see none. */
  example: string;
  /** `fetch`, `parse` or `upload`. */
  stage: string;
}

/** Failures: by reason, or single ones of a reason. */
export interface Failures {
  /** Without `reason`: the reasons and how many there are of each, the most frequent first. */
  groups?: FailureGroup[] | null;
  /** With `reason`: single failures. */
  items?: Failure[] | null;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** What is wrong with one field. */
export interface FieldProblem {
  /** The field, as the request names it; nested ones parted by dots. */
  name: string;
  /** What is wrong with it. */
  message: string;
}

/** A group. */
export interface Group {
  /** Its id. */
  id: number;
  /** What it is called. */
  name: string;
  /** Who belongs to it directly. Empty for those who are no administrators. */
  members: MemberView[];
}

/** A group's name. */
export interface GroupName {
  /** What it is called; unique. */
  name: string;
}

/** The search index. */
export interface IndexStatus {
  /** Documents that it holds. */
  documents: number;
  /** The position of the change log that it has reached. */
  position: number;
  /** Changes that it has not seen yet; while it is built anew, all there are. */
  behind: number;
}

/** Somebody who was invited, and the link to pass on. */
export interface Invitation {
  user: User;
  invitation: LinkToPass;
}

/** Who is invited. */
export interface Invited {
  /** Their address. */
  email: string;
  /** What they are called; they can say themselves when they accept. */
  name?: string;
  role: "administrator" | "member";
}

/** An API key, without the key itself. */
export interface Key {
  /** Its id. */
  id: number;
  /** What it is called. */
  name: string;
  /** What it may be used for. */
  scopes: Scope[];
  /** When it ends, in UTC milliseconds; null for never. */
  expires_at?: number | null;
  /** When it was last used, to the minute. */
  last_used_at?: number | null;
  /** When it was made. */
  created_at: number;
  /** Whose it is. */
  user: KeyOwner;
}

/** A key to be made. */
export interface KeyGiven {
  /** What it is called, so that it can be told from others. */
  name: string;
  /** What it may be used for, at least one. */
  scopes: Scope[];
  /** When it ends, in UTC milliseconds; never when left out. */
  expires_at?: number | null;
}

/** A key that was made. */
export interface KeyMade {
  key: Key;
  /** The key itself, `fsk_…`. Shown once: only its hash is kept. */
  secret: string;
}

/** Whose a key is. */
export interface KeyOwner {
  id: number;
  name: string;
}

/** How many files there are of a kind. */
export interface KindCount {
  /** The kind. */
  kind: string;
  /** Files. */
  items: number;
}

/** A link for a person to pass on. */
export interface LinkToPass {
  /** The whole address. Shown once: nobody can look it up again. */
  url: string;
  /** When it ends, used or not, in UTC milliseconds. */
  expires_at: number;
}

/** A link that can still be used. */
export interface LinkView {
  kind: "setup" | "invitation" | "reset";
  /** For whom; missing on a set-up link. */
  email?: string | null;
  /** When it ends, used or not, in UTC milliseconds. */
  expires_at: number;
}

/** One page of a list. */
export interface List_Connector {
  /** The items. */
  items: Array<{
    /** What a source's `connector` calls it. */
    name: string;
    /** What people call it. */
    title: string;
    /** One sentence. */
    description: string;
    /** The JSON Schema of its configuration. */
    config_schema: { [name: string]: unknown };
    /** Whether a source of it needs a manifest. */
    needs_manifest: boolean;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Group {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** What it is called. */
    name: string;
    /** Who belongs to it directly. Empty for those who are no administrators. */
    members: MemberView[];
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Key {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** What it is called. */
    name: string;
    /** What it may be used for. */
    scopes: Scope[];
    /** When it ends, in UTC milliseconds; null for never. */
    expires_at?: number | null;
    /** When it was last used, to the minute. */
    last_used_at?: number | null;
    /** When it was made. */
    created_at: number;
    /** Whose it is. */
    user: KeyOwner;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_LogLine {
  /** The items. */
  items: Array<{
    /** Its place among all lines; rises. */
    id: number;
    /** When, in UTC milliseconds. */
    at: number;
    level: "error" | "warn" | "info";
    /** The source that it is about. */
    source?: number | null;
    /** The sync. */
    sync?: number | null;
    /** The task. */
    task?: number | null;
    /** What happened. */
    message: string;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Queue {
  /** The items. */
  items: Array<{
    /** Its name. */
    name: string;
    /** Whether somebody paused it. */
    paused: boolean;
    /** How many tasks of it run at most in the process that answers; null where it runs none. */
    limit?: number | null;
    /** May run now. */
    available: number;
    /** Run. */
    running: number;
    /** Wait for their time. */
    scheduled: number;
    /** Failed, and wait for their next attempt. */
    retryable: number;
    /** Wait for another task or for a person. */
    pending: number;
    /** Given up, as far as the history goes back. */
    discarded: number;
    /** When the oldest one that may run was enqueued, in UTC milliseconds. */
    oldest_at?: number | null;
    /** Tasks per minute that ended well, over the last five minutes. */
    done_per_min: number;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Source {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** What people call it. */
    name: string;
    /** Its connector's name. */
    connector: string;
    /** Who made it. */
    owner: Owner;
    /** With whom it is shared. */
    visibility: Visibility;
    state: "synced" | "syncing" | "waiting" | "needs_attention" | "paused" | "queued";
    state_detail?: StateDetail | null;
    /** Whether a person paused it. */
    paused: boolean;
    /** When it is synced by itself: `{"every_ms": …}`, `{"cron": …, "time_zone": …}` or null. */
    schedule?: { [name: string]: unknown } | null;
    /** Its configuration, without secrets; empty for those who do not manage it. */
    config: { [name: string]: unknown };
    /** Its manifest's text, for those who manage it. */
    manifest?: string | null;
    /** Its mapping's text, for those who manage it and where one was given. */
    search?: string | null;
    /** Live records. */
    records: number;
    /** Things that went wrong and still are. */
    failures: number;
    last_sync?: Sync | null;
    /** When the newest sync ended that brought everything, in UTC milliseconds: a failed or cancelled one does not count. */
    last_synced_at?: number | null;
    current_sync?: Sync | null;
    /** When it was made, in UTC milliseconds. */
    created_at: number;
    /** Whether the caller may change, sync and delete it. */
    may_manage: boolean;
    /** Whether the caller may see its content. */
    may_see: boolean;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Stream {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** Its name. */
    name: string;
    /** Whether syncs read it. */
    enabled: boolean;
    /** Live records. */
    records: number;
    /** Things that went wrong in it and still are. */
    failures: number;
    /** Where the next incremental sync starts, as the connector wrote it; for those who manage the source. */
    cursor?: string | null;
    /** When something of it landed last, in UTC milliseconds. */
    last_landed_at?: number | null;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Sync {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** Its source. */
    source: number;
    mode: "full" | "incremental";
    state: "running" | "sweeping" | "needs_confirmation" | "completed" | "failed" | "cancelled";
    /** When it began, in UTC milliseconds. */
    started_at: number;
    /** When it ended. */
    finished_at?: number | null;
    /** Raw pages that were read. */
    pages: number;
    /** Of these, the ones that are not parsed yet. */
    pages_open: number;
    /** Records that were seen. */
    records_seen: number;
    /** Records that were new or different. */
    records_changed: number;
    /** Records that are gone. */
    records_deleted: number;
    /** Things that went wrong. */
    failures: number;
    /** About how many records it will have seen: as many as the provider says there are, or as the last full sync saw. */
    expected?: number | null;
    /** Records per second since it began. */
    rate_per_s?: number | null;
    /** How long it still takes, in milliseconds, as far as that can be told. */
    eta_ms?: number | null;
    /** Why it ended as it did, or what it waits for a person to decide. */
    message?: string | null;
    /** It reads nothing before this. */
    waiting_until?: number | null;
    /** What it waits for; for those who hold the source. */
    waiting_for?: string | null;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_Task {
  /** The items. */
  items: Array<{
    /** Its id. */
    id: number;
    /** What it does. */
    kind: string;
    /** The queue that it waits in. */
    queue: string;
    state: "scheduled" | "available" | "running" | "retryable" | "pending" | "completed" | "discarded" | "cancelled";
    /** 1 runs first, 4 last. */
    priority: number;
    /** Which try it is at; 0 before the first. */
    attempt: number;
    /** How often it is tried. */
    max_attempts: number;
    /** When it runs next, or was to run, in UTC milliseconds. */
    run_at: number;
    /** Its arguments. */
    args: { [name: string]: unknown };
    /** The source it works for. */
    source?: number | null;
    /** Its last failure; for those who may see the source's content. */
    error?: string | null;
    /** The class of its last failure: `retry`, `wait_until`, `reauthenticate`, `fix_configuration`, `give_up`. */
    class?: string | null;
    /** Its past failures: `{at, attempt, class, message}`, the newest last. */
    errors: Array<{ [name: string]: unknown }>;
    /** When it was enqueued. */
    created_at: number;
    /** When its last attempt began. */
    started_at?: number | null;
    /** When it ended. */
    finished_at?: number | null;
    /** Who ran it last. */
    worker?: string | null;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** One page of a list. */
export interface List_User {
  /** The items. */
  items: Array<{
    /** Their id. */
    id: number;
    /** What they are called; empty until they say. */
    name: string;
    /** Their address. */
    email: string;
    role: "administrator" | "member";
    state: "active" | "invited" | "disabled";
    /** When they were made known, in UTC milliseconds. */
    created_at: number;
    /** When they were last seen. */
    last_seen_at?: number | null;
  }>;
  /** What to send as `after` for the next page; missing on the last one. */
  next?: string | null;
}

/** A line of the log. */
export interface LogLine {
  /** Its place among all lines; rises. */
  id: number;
  /** When, in UTC milliseconds. */
  at: number;
  level: "error" | "warn" | "info";
  /** The source that it is about. */
  source?: number | null;
  /** The sync. */
  sync?: number | null;
  /** The task. */
  task?: number | null;
  /** What happened. */
  message: string;
}

/** A member of a group. */
export interface MemberView {
  /** `user` or `group`. */
  kind: string;
  /** The id of the user or group. */
  id: number;
  /** What they are called. */
  name: string;
}

/** Whose a source is. */
export interface Owner {
  /** The user; 0 for the installation itself. */
  id: number;
  /** What they are called. */
  name: string;
}

/** A record as people look at it. */
export interface Preview {
  /** One line. */
  title: string;
  /** What it is. */
  kind: string;
  /** Where the provider shows it. */
  url?: string | null;
  /** Where it lives. */
  path?: string | null;
  /** Names of people. */
  people: string[];
  /** When it last changed, in UTC milliseconds. */
  changed_at?: number | null;
  /** Its text, at most a mebibyte. */
  text: string;
  /** Whether there is more text than that. */
  truncated: boolean;
  /** Why there is no text, where a file's could not be read. */
  text_missing?: string | null;
  /** Where the words stand in the text: start and end, in UTF-16 units. */
  marks: number[][];
  /** Number of pages, sheets or slides. */
  pages?: number | null;
  /** Whether there is a file to download. */
  download: boolean;
  /** Its source. */
  source: PreviewSource;
}

/** The source of a record. */
export interface PreviewSource {
  id: number;
  name: string;
}

/** A problem document. */
export interface Problem {
  /** Names the kind of problem: `urn:fossick:problem:` and the code. */
  type: string;
  /** The kind of problem in words; the same for every problem with this code. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** The stable code. */
  code: string;
  /** What happened this time, and the way out. */
  detail: string;
  /** The fields of the request that need another look. */
  fields?: FieldProblem[];
  /** Where the codes are explained. */
  docs: string;
}

/** What is in a queue. */
export interface Queue {
  /** Its name. */
  name: string;
  /** Whether somebody paused it. */
  paused: boolean;
  /** How many tasks of it run at most in the process that answers; null where it runs none. */
  limit?: number | null;
  /** May run now. */
  available: number;
  /** Run. */
  running: number;
  /** Wait for their time. */
  scheduled: number;
  /** Failed, and wait for their next attempt. */
  retryable: number;
  /** Wait for another task or for a person. */
  pending: number;
  /** Given up, as far as the history goes back. */
  discarded: number;
  /** When the oldest one that may run was enqueued, in UTC milliseconds. */
  oldest_at?: number | null;
  /** Tasks per minute that ended well, over the last five minutes. */
  done_per_min: number;
}

/** A record as it landed. */
export interface Record {
  /** Its id. */
  id: number;
  /** Its source. */
  source: number;
  /** Its stream's name. */
  stream: string;
  /** What identifies it in the stream. */
  key: string;
  /** Its fields. */
  data: { [name: string]: unknown };
  /** The text of its file; empty where there is none. */
  text: string;
  /** Its own permissions: every list has to be met by any one of its principals. */
  acl: string[][];
  /** How often it has changed. */
  revision: number;
  /** When the provider says it last changed, in UTC milliseconds. */
  changed_at?: number | null;
}

/** What is built. */
export interface Reindexing {
  /** Documents of the index as it is now. */
  documents: number;
}

/** What to run again. */
export interface ReplayAsked {
  what: ReplayPart;
}

/** Part of the road. */
export type ReplayPart = "parse" | "quarantined" | "upload";

/** What is run again. */
export interface ReplayStarted {
  /** How many pages are parsed again; for an upload, how many records are uploaded again. */
  pages: number;
}

/** What to try again: single failures, all of a reason, or all. */
export interface RetryAsked {
  /** These failures, at most 500. */
  ids?: number[] | null;
  /** All failures of this reason. */
  reason?: string | null;
  /** All failures. */
  all?: boolean;
}

/** What is tried again. */
export interface RetryStarted {
  /** How many tasks that takes. */
  tasks: number;
}

/** A document as a search would find it. */
export interface SampleDocument {
  /** The stream of its record. */
  stream: string;
  /** The record's key. */
  key: string;
  /** What it is. */
  kind: string;
  /** What it is called. */
  title: string;
  /** How its text begins. */
  body: string;
  /** Where the provider shows it. */
  url?: string | null;
  /** Where it lies. */
  path?: string | null;
  /** Who has to do with it. */
  people: string[];
  /** When it was changed, in UTC milliseconds. */
  changed_at?: number | null;
}

/** When a source is synced by itself. Give either `every_ms`, or `cron` with its `time_zone`. */
export interface Schedule {
  /** Every so many milliseconds, at least 10,000. */
  every_ms?: number | null;
  /** A cron expression: minute, hour, day, month, weekday. */
  cron?: string | null;
  /** A name of the IANA database; `UTC` when left out. */
  time_zone?: string | null;
}

/** What a key may be used for. */
export type Scope = "search" | "read" | "manage";

/** What a search client is made of. */
export interface SearchKey {
  /** The application id. */
  application_id: string;
  /** The key: search only, for the caller alone. */
  key: string;
  /** The index. */
  index: string;
  /** When the key ends, in UTC milliseconds; ask for another before. */
  expires_at: number;
  /** Where to send searches. */
  hosts: string[];
}

/** One search. Parameters that are not named here are ignored, or refused where leaving them out would find other documents. */
export interface SearchParameters {
  /** What was typed; without it everything is found. */
  query?: string | null;
  /** `attribute:value` and comparisons, an AND of ORs. */
  filters?: string | null;
  facetFilters?: Value | null;
  numericFilters?: Value | null;
  /** The facets to count; `*` for all. */
  facets?: string[] | null;
  /** How many values of each facet are counted. */
  maxValuesPerFacet?: number | null;
  /** The page, from 0. */
  page?: number | null;
  /** How many hits a page has, at most 1,000. */
  hitsPerPage?: number | null;
  /** Instead of pages: the first hit, with `length`. */
  offset?: number | null;
  /** Instead of pages: how many hits, with `offset`. */
  length?: number | null;
  /** The attributes of a hit; `body` only when it is named. */
  attributesToRetrieve?: string[] | null;
  /** The attributes in which matches are marked. */
  attributesToHighlight?: string[] | null;
  /** `body`, or `body:24` for 24 words. */
  attributesToSnippet?: string[] | null;
  /** What stands before a match. */
  highlightPreTag?: string | null;
  /** What stands behind a match. */
  highlightPostTag?: string | null;
  /** What stands where a snippet was cut. */
  snippetEllipsisText?: string | null;
  typoTolerance?: Value | null;
  /** `prefixLast`, `prefixAll` or `prefixNone`. */
  queryType?: string | null;
  /** The attributes that are searched: `title`, `people`, `path` and `body`. */
  restrictSearchableAttributes?: string[] | null;
  /** Whether hits say why they stand where they stand. */
  getRankingInfo?: boolean | null;
  /** Parameters as an urlencoded text; those beside it win. */
  params?: string | null;
}

/** What the dialect refuses with. */
export interface SearchRefused {
  /** What was wrong. */
  message: string;
  /** The HTTP status. */
  status: number;
}

/** One of several searches: the parameters of a search, or of a search in the values of a facet. */
export interface SearchRequest {
  /** The index: `fossick`, also when it is left out. */
  indexName?: string | null;
  /** `facet` for a search in the values of a facet. */
  type?: string | null;
  /** Which facet that is. */
  facet?: string | null;
  /** What was typed in the facet's own box. */
  facetQuery?: string | null;
  /** What was typed, and all other parameters of a search. */
  query?: string | null;
}

/** Several searches. */
export interface SearchRequests {
  /** The searches, at most 50. */
  requests: SearchRequest[];
}

/** The result of one search. */
export interface SearchResult {
  /** The hits, each with its `objectID`. */
  hits: Array<{ [name: string]: Value }>;
  /** How many documents match. */
  nbHits: number;
  /** The page, from 0. */
  page: number;
  /** How many pages can be asked for. */
  nbPages: number;
  /** How many hits a page has. */
  hitsPerPage: number;
  /** What was typed. */
  query: string;
  /** The parameters, urlencoded. */
  params: string;
  /** The index. */
  index: string;
  /** How many documents have which value of the facets that were asked for. */
  facets?: { [name: string]: { [name: string]: number } } | null;
  /** How long it took, in milliseconds. */
  processingTimeMS: number;
}

/** The results of several searches, in their order: of a search its hits, of a search in a facet its values. */
export interface SearchResults {
  /** The results. */
  results: Array<{ [name: string]: unknown }>;
}

/** Who is signed in. */
export interface Session {
  /** Whether somebody is. */
  signed_in: boolean;
  /** What state-changing calls by cookie send as `x-fossick-csrf`; empty while nobody is signed in. */
  csrf: string;
  user?: SessionUser | null;
  /** Whether there is no administrator yet: the set-up link makes the first. */
  setup_needed: boolean;
  /** The server's version. */
  version: string;
}

/** Somebody who is signed in. */
export interface SessionUser {
  /** Their id. */
  id: number;
  /** What they are called. */
  name: string;
  /** Their address. */
  email: string;
  role: "administrator" | "member";
}

export type SharedTo = "owner" | "groups" | "everyone";

/** A configured instance of a connector. Secrets are never shown. */
export interface Source {
  /** Its id. */
  id: number;
  /** What people call it. */
  name: string;
  /** Its connector's name. */
  connector: string;
  /** Who made it. */
  owner: Owner;
  /** With whom it is shared. */
  visibility: Visibility;
  state: "synced" | "syncing" | "waiting" | "needs_attention" | "paused" | "queued";
  state_detail?: StateDetail | null;
  /** Whether a person paused it. */
  paused: boolean;
  /** When it is synced by itself: `{"every_ms": …}`, `{"cron": …, "time_zone": …}` or null. */
  schedule?: { [name: string]: unknown } | null;
  /** Its configuration, without secrets; empty for those who do not manage it. */
  config: { [name: string]: unknown };
  /** Its manifest's text, for those who manage it. */
  manifest?: string | null;
  /** Its mapping's text, for those who manage it and where one was given. */
  search?: string | null;
  /** Live records. */
  records: number;
  /** Things that went wrong and still are. */
  failures: number;
  last_sync?: Sync | null;
  /** When the newest sync ended that brought everything, in UTC milliseconds: a failed or cancelled one does not count. */
  last_synced_at?: number | null;
  current_sync?: Sync | null;
  /** When it was made, in UTC milliseconds. */
  created_at: number;
  /** Whether the caller may change, sync and delete it. */
  may_manage: boolean;
  /** Whether the caller may see its content. */
  may_see: boolean;
}

/** What changes; what is left out stays. */
export interface SourceChange {
  /** What people call it. */
  name?: string | null;
  /** Its whole configuration. */
  config?: { [name: string]: unknown } | null;
  /** Secret fields that change; null forgets one. */
  secrets?: { [name: string]: unknown } | null;
  /** The user who owns it from now on; administrators give it away. */
  owner?: number | null;
  visibility?: Visibility | null;
  schedule?: Schedule | null;
  /** The manifest's text. */
  manifest?: string | null;
  /** The mapping's text; null for the connector's own. */
  search?: string | null;
  /** Whether a changed configuration is synced at once: yes when left out, no for the operator. */
  sync?: boolean | null;
}

/** A source as a person gives it. */
export interface SourceDraft {
  /** For dry runs of a source that exists: its kept secrets are used where none are given. */
  id?: number | null;
  /** What people call it. */
  name?: string;
  /** The connector's name. */
  connector: string;
  /** Its configuration. */
  config?: { [name: string]: unknown };
  /** Secret fields by name, with dots between levels; sealed, and never answered back. */
  secrets?: { [name: string]: unknown } | null;
  visibility?: Visibility | null;
  schedule?: Schedule | null;
  /** The manifest's text, for a connector that needs one. */
  manifest?: string | null;
  /** A `search.yaml` that takes the place of the connector's own mapping. */
  search?: string | null;
  /** Whether the first sync starts at once: yes when left out, no for the operator. */
  sync?: boolean | null;
}

/** What is behind a state, and what can be done. */
export interface StateDetail {
  /** What happened, in a sentence. */
  what: string;
  /** Whose turn it is, in words. */
  whose_turn?: string | null;
  /** The one thing to do: `sync`, `retry`, `edit`, `confirm_sweep`, `resume`. */
  action?: string | null;
  /** Until when nothing happens, in UTC milliseconds. */
  until?: number | null;
}

/** The server at a glance. */
export interface Status {
  /** Its version. */
  version: string;
  /** `sqlite` or `postgres`. */
  store: string;
  /** The search index. */
  index: IndexStatus;
  /** What waits and runs. */
  queues: Queue[];
  /** Who runs it: this process and every other one on the same database, by name. */
  workers: Worker[];
  /** What the search index takes on disk, in bytes. */
  data_bytes: number;
  /** When the process started, in UTC milliseconds. */
  started_at: number;
}

/** One collection of records inside a source. */
export interface Stream {
  /** Its id. */
  id: number;
  /** Its name. */
  name: string;
  /** Whether syncs read it. */
  enabled: boolean;
  /** Live records. */
  records: number;
  /** Things that went wrong in it and still are. */
  failures: number;
  /** Where the next incremental sync starts, as the connector wrote it; for those who manage the source. */
  cursor?: string | null;
  /** When something of it landed last, in UTC milliseconds. */
  last_landed_at?: number | null;
}

/** What changes about a stream. */
export interface StreamChange {
  /** Whether syncs read it. */
  enabled: boolean;
}

/** One run that brings a source up to date. */
export interface Sync {
  /** Its id. */
  id: number;
  /** Its source. */
  source: number;
  mode: "full" | "incremental";
  state: "running" | "sweeping" | "needs_confirmation" | "completed" | "failed" | "cancelled";
  /** When it began, in UTC milliseconds. */
  started_at: number;
  /** When it ended. */
  finished_at?: number | null;
  /** Raw pages that were read. */
  pages: number;
  /** Of these, the ones that are not parsed yet. */
  pages_open: number;
  /** Records that were seen. */
  records_seen: number;
  /** Records that were new or different. */
  records_changed: number;
  /** Records that are gone. */
  records_deleted: number;
  /** Things that went wrong. */
  failures: number;
  /** About how many records it will have seen: as many as the provider says there are, or as the last full sync saw. */
  expected?: number | null;
  /** Records per second since it began. */
  rate_per_s?: number | null;
  /** How long it still takes, in milliseconds, as far as that can be told. */
  eta_ms?: number | null;
  /** Why it ended as it did, or what it waits for a person to decide. */
  message?: string | null;
  /** It reads nothing before this. */
  waiting_until?: number | null;
  /** What it waits for; for those who hold the source. */
  waiting_for?: string | null;
}

/** What to read. */
export interface SyncAsked {
  mode?: "full" | "incremental";
}

/** A sync that was asked for. */
export interface SyncStarted {
  sync: Sync;
  /** Whether it began with this call; one that had not ended is answered as it is. */
  started: boolean;
  /** Whether a full sync follows it: one was asked for, and the one that had not ended reads only what changed. */
  followed: boolean;
}

/** A unit of background work. */
export interface Task {
  /** Its id. */
  id: number;
  /** What it does. */
  kind: string;
  /** The queue that it waits in. */
  queue: string;
  state: "scheduled" | "available" | "running" | "retryable" | "pending" | "completed" | "discarded" | "cancelled";
  /** 1 runs first, 4 last. */
  priority: number;
  /** Which try it is at; 0 before the first. */
  attempt: number;
  /** How often it is tried. */
  max_attempts: number;
  /** When it runs next, or was to run, in UTC milliseconds. */
  run_at: number;
  /** Its arguments. */
  args: { [name: string]: unknown };
  /** The source it works for. */
  source?: number | null;
  /** Its last failure; for those who may see the source's content. */
  error?: string | null;
  /** The class of its last failure: `retry`, `wait_until`, `reauthenticate`, `fix_configuration`, `give_up`. */
  class?: string | null;
  /** Its past failures: `{at, attempt, class, message}`, the newest last. */
  errors: Array<{ [name: string]: unknown }>;
  /** When it was enqueued. */
  created_at: number;
  /** When its last attempt began. */
  started_at?: number | null;
  /** When it ended. */
  finished_at?: number | null;
  /** Who ran it last. */
  worker?: string | null;
}

/** Somebody who has an account. */
export interface User {
  /** Their id. */
  id: number;
  /** What they are called; empty until they say. */
  name: string;
  /** Their address. */
  email: string;
  role: "administrator" | "member";
  state: "active" | "invited" | "disabled";
  /** When they were made known, in UTC milliseconds. */
  created_at: number;
  /** When they were last seen. */
  last_seen_at?: number | null;
}

/** What changes; what is left out stays. */
export interface UserChange {
  /** What they are called. */
  name?: string | null;
  role?: "administrator" | "member";
  state?: "active" | "invited" | "disabled";
}

export type Value = unknown;

/** With whom a source is shared: `{"to": "owner"}`, `{"to": "groups", "groups": [1]}` or `{"to": "everyone"}`. */
export interface Visibility {
  /** `owner`, `groups` or `everyone`. */
  to: SharedTo;
  /** The groups, where it is shared with groups; nested ones count. */
  groups?: number[] | null;
}

/** A process that runs tasks. */
export interface Worker {
  /** What it calls itself. */
  name: string;
  /** The queues that it claims from. */
  queues: string[];
  /** How many tasks it runs. */
  running: number;
  /** When it started, in UTC milliseconds. */
  started_at: number;
  /** When it was last heard of; a minute ago or more, and it is gone. */
  seen_at: number;
}

/** Every operation: how it is called, what it takes and what it answers. */
export interface Operations {
  /** A search in the values of one facet. */
  search_facet: {
    method: "POST";
    path: "/1/indexes/{index}/facets/{facet}/query";
    params: { index: string; facet: string };
    query: undefined;
    body: FacetSearch;
    answer: FacetHits;
  };
  /** Several searches at once. */
  search_many: {
    method: "POST";
    path: "/1/indexes/{index}/queries";
    params: { index: string };
    query: undefined;
    body: SearchRequests;
    answer: SearchResults;
  };
  /** One search. */
  search_one: {
    method: "POST";
    path: "/1/indexes/{index}/query";
    params: { index: string };
    query: undefined;
    body: SearchParameters;
    answer: SearchResult;
  };
  /** Lists the connectors. */
  list_connectors: {
    method: "GET";
    path: "/api/v1/connectors";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: List_Connector;
  };
  /** Follows what happens: server-sent events of what the caller may know of. */
  follow_events: {
    method: "GET";
    path: "/api/v1/events";
    params: undefined;
    query: { since?: number };
    body: undefined;
    answer: LogLine;
  };
  /** Lists all groups: everybody can share with them. Who belongs to them is for administrators. */
  list_groups: {
    method: "GET";
    path: "/api/v1/groups";
    params: undefined;
    query: { limit?: number; after?: number };
    body: undefined;
    answer: List_Group;
  };
  /** Makes a group. */
  add_group: {
    method: "POST";
    path: "/api/v1/groups";
    params: undefined;
    query: undefined;
    body: GroupName;
    answer: Group;
  };
  /** Shows one group. */
  show_group: {
    method: "GET";
    path: "/api/v1/groups/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Group;
  };
  /** Deletes a group; what was shared with it no longer is, at once. */
  delete_group: {
    method: "DELETE";
    path: "/api/v1/groups/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Renames a group. */
  rename_group: {
    method: "PATCH";
    path: "/api/v1/groups/{id}";
    params: { id: number };
    query: undefined;
    body: GroupName;
    answer: Group;
  };
  /** Adds a user or a group to a group. */
  add_member: {
    method: "PUT";
    path: "/api/v1/groups/{id}/members/{kind}/{member}";
    params: { id: number; kind: string; member: number };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Removes a user or a group from a group; what was shared with them through it no longer is, at once. */
  remove_member: {
    method: "DELETE";
    path: "/api/v1/groups/{id}/members/{kind}/{member}";
    params: { id: number; kind: string; member: number };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Lists the caller's own keys; the operator sees everybody's. */
  list_keys: {
    method: "GET";
    path: "/api/v1/keys";
    params: undefined;
    query: { limit?: number; after?: number };
    body: undefined;
    answer: List_Key;
  };
  /** Makes a key that acts as the caller, within its scopes. */
  add_key: {
    method: "POST";
    path: "/api/v1/keys";
    params: undefined;
    query: undefined;
    body: KeyGiven;
    answer: KeyMade;
  };
  /** Ends a key for good, and those that it made: one's own, or anybody's for administrators. */
  delete_key: {
    method: "DELETE";
    path: "/api/v1/keys/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Says what a link is for, without using it up. */
  show_link: {
    method: "GET";
    path: "/api/v1/links/{token}";
    params: { token: string };
    query: undefined;
    body: undefined;
    answer: LinkView;
  };
  /** Uses a link up, sets name and password, and signs in. */
  use_link: {
    method: "POST";
    path: "/api/v1/links/{token}";
    params: { token: string };
    query: undefined;
    body: Answers;
    answer: Session;
  };
  /** Lists all queues. */
  list_queues: {
    method: "GET";
    path: "/api/v1/queues";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: List_Queue;
  };
  /** Pauses a queue: nothing more is begun from it, what runs goes on. */
  pause_queue: {
    method: "POST";
    path: "/api/v1/queues/{name}/pause";
    params: { name: string };
    query: undefined;
    body: undefined;
    answer: Queue;
  };
  /** Lets a paused queue go on. */
  resume_queue: {
    method: "POST";
    path: "/api/v1/queues/{name}/resume";
    params: { name: string };
    query: undefined;
    body: undefined;
    answer: Queue;
  };
  /** Shows a record as it landed. */
  show_record: {
    method: "GET";
    path: "/api/v1/records/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Record;
  };
  /** Says why somebody may see a record, or may not. */
  explain_access: {
    method: "GET";
    path: "/api/v1/records/{id}/access";
    params: { id: number };
    query: { user?: number };
    body: undefined;
    answer: Access;
  };
  /** Downloads the file behind a record of a folder. */
  download_record: {
    method: "GET";
    path: "/api/v1/records/{id}/file";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: number[];
  };
  /** Shows a record's text with the words of a query marked. */
  preview_record: {
    method: "GET";
    path: "/api/v1/records/{id}/preview";
    params: { id: number };
    query: { q?: string };
    body: undefined;
    answer: Preview;
  };
  /** Has the search index built anew from the store; searches go on meanwhile. */
  reindex: {
    method: "POST";
    path: "/api/v1/reindex";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Reindexing;
  };
  /** Gives the caller a key for the search dialect. */
  show_search_key: {
    method: "GET";
    path: "/api/v1/search-key";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: SearchKey;
  };
  /** Says who is signed in. */
  show_session: {
    method: "GET";
    path: "/api/v1/session";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Session;
  };
  /** Signs somebody in and answers their session with its cookie. */
  start_session: {
    method: "POST";
    path: "/api/v1/session";
    params: undefined;
    query: undefined;
    body: Credentials;
    answer: Session;
  };
  /** Signs out: the session ends, and with it the search keys that it was given. */
  end_session: {
    method: "DELETE";
    path: "/api/v1/session";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Lists the sources that the caller owns, that are shared with them, or that they manage. */
  list_sources: {
    method: "GET";
    path: "/api/v1/sources";
    params: undefined;
    query: { limit?: number; after?: number };
    body: undefined;
    answer: List_Source;
  };
  /** Adds a source and starts its first sync. */
  add_source: {
    method: "POST";
    path: "/api/v1/sources";
    params: undefined;
    query: undefined;
    body: SourceDraft;
    answer: Source;
  };
  /** Tries a source against the real thing and says in plain words what is wrong. */
  check_source: {
    method: "POST";
    path: "/api/v1/sources/check";
    params: undefined;
    query: undefined;
    body: SourceDraft;
    answer: Check;
  };
  /** Says which streams a source offers and how its records would become documents. */
  discover_source: {
    method: "POST";
    path: "/api/v1/sources/discover";
    params: undefined;
    query: { samples?: boolean };
    body: SourceDraft;
    answer: Discovery;
  };
  /** Looks what a first sync of a folder would take, from names and sizes, within five seconds. */
  estimate_source: {
    method: "POST";
    path: "/api/v1/sources/estimate";
    params: undefined;
    query: undefined;
    body: SourceDraft;
    answer: EstimateView;
  };
  /** Shows one source. */
  show_source: {
    method: "GET";
    path: "/api/v1/sources/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Source;
  };
  /** Deletes a source: its content is invisible at once, and removed little by little. */
  delete_source: {
    method: "DELETE";
    path: "/api/v1/sources/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Changes a source. Sharing and unsharing take effect at once. */
  change_source: {
    method: "PATCH";
    path: "/api/v1/sources/{id}";
    params: { id: number };
    query: undefined;
    body: SourceChange;
    answer: Source;
  };
  /** Lists what went wrong: the reasons, or with `?reason=` the single failures. */
  list_failures: {
    method: "GET";
    path: "/api/v1/sources/{id}/failures";
    params: { id: number };
    query: { reason?: string; limit?: number; after?: number };
    body: undefined;
    answer: Failures;
  };
  /** Tries again what went wrong: pages are parsed, records uploaded, slices fetched again. */
  retry_failures: {
    method: "POST";
    path: "/api/v1/sources/{id}/failures/retry";
    params: { id: number };
    query: undefined;
    body: RetryAsked;
    answer: RetryStarted;
  };
  /** Lists the lines of a source's log, those of its syncs and tasks included. */
  list_lines_of_source: {
    method: "GET";
    path: "/api/v1/sources/{id}/log";
    params: { id: number };
    query: { level?: "error" | "warn" | "info"; since?: number; limit?: number; after?: number };
    body: undefined;
    answer: List_LogLine;
  };
  /** Pauses a source: nothing more is read until somebody resumes it. */
  pause_source: {
    method: "POST";
    path: "/api/v1/sources/{id}/pause";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Source;
  };
  /** Parses staged pages or uploads records again. */
  replay_source: {
    method: "POST";
    path: "/api/v1/sources/{id}/replay";
    params: { id: number };
    query: undefined;
    body: ReplayAsked;
    answer: ReplayStarted;
  };
  /** Lets a paused source go on. */
  resume_source: {
    method: "POST";
    path: "/api/v1/sources/{id}/resume";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Source;
  };
  /** Lists a source's streams. */
  list_streams: {
    method: "GET";
    path: "/api/v1/sources/{id}/streams";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: List_Stream;
  };
  /** Says whether syncs read a stream. */
  change_stream: {
    method: "PATCH";
    path: "/api/v1/sources/{id}/streams/{stream}";
    params: { id: number; stream: number };
    query: undefined;
    body: StreamChange;
    answer: List_Stream;
  };
  /** Starts a sync now. One that has not ended is answered, not doubled; a full one follows it where it is not full itself. */
  start_sync: {
    method: "POST";
    path: "/api/v1/sources/{id}/sync";
    params: { id: number };
    query: undefined;
    body: SyncAsked;
    answer: SyncStarted;
  };
  /** Lists a source's syncs, newest first. */
  list_syncs: {
    method: "GET";
    path: "/api/v1/sources/{id}/syncs";
    params: { id: number };
    query: { limit?: number; after?: number };
    body: undefined;
    answer: List_Sync;
  };
  /** Shows the server at a glance. */
  show_status: {
    method: "GET";
    path: "/api/v1/status";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Status;
  };
  /** Ends a sync. What has landed stays. */
  cancel_sync: {
    method: "POST";
    path: "/api/v1/syncs/{id}/cancel";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Sync;
  };
  /** Lets a sweep delete more than half of a stream. */
  confirm_sweep: {
    method: "POST";
    path: "/api/v1/syncs/{id}/confirm-sweep";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Sync;
  };
  /** Lists tasks, newest first. */
  list_tasks: {
    method: "GET";
    path: "/api/v1/tasks";
    params: undefined;
    query: { state?: "scheduled" | "available" | "running" | "retryable" | "pending" | "completed" | "discarded" | "cancelled"; queue?: string; kind?: string; source?: number; limit?: number; after?: number };
    body: undefined;
    answer: List_Task;
  };
  /** Shows one task. */
  show_task: {
    method: "GET";
    path: "/api/v1/tasks/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Task;
  };
  /** Cancels a task; one that runs is asked to stop. */
  cancel_task: {
    method: "POST";
    path: "/api/v1/tasks/{id}/cancel";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Task;
  };
  /** Lists the lines of a task's log. */
  list_lines_of_task: {
    method: "GET";
    path: "/api/v1/tasks/{id}/log";
    params: { id: number };
    query: { level?: "error" | "warn" | "info"; since?: number; limit?: number; after?: number };
    body: undefined;
    answer: List_LogLine;
  };
  /** Lets a task run at once: one that waits for its next attempt, or one that ended. */
  retry_task: {
    method: "POST";
    path: "/api/v1/tasks/{id}/retry";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: Task;
  };
  /** Lists all users. */
  list_users: {
    method: "GET";
    path: "/api/v1/users";
    params: undefined;
    query: { limit?: number; after?: number };
    body: undefined;
    answer: List_User;
  };
  /** Invites somebody and answers the link to pass on. */
  add_user: {
    method: "POST";
    path: "/api/v1/users";
    params: undefined;
    query: undefined;
    body: Invited;
    answer: Invitation;
  };
  /** Shows one user. */
  show_user: {
    method: "GET";
    path: "/api/v1/users/{id}";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: User;
  };
  /** Removes a user with their sessions, keys and memberships. */
  delete_user: {
    method: "DELETE";
    path: "/api/v1/users/{id}";
    params: { id: number };
    query: { sources_to?: number };
    body: undefined;
    answer: undefined;
  };
  /** Changes name, role or state of a user. */
  change_user: {
    method: "PATCH";
    path: "/api/v1/users/{id}";
    params: { id: number };
    query: undefined;
    body: UserChange;
    answer: User;
  };
  /** Makes a link with which somebody chooses a new password, or accepts their invitation after all. */
  make_reset_link: {
    method: "POST";
    path: "/api/v1/users/{id}/reset-link";
    params: { id: number };
    query: undefined;
    body: undefined;
    answer: LinkToPass;
  };
  /** Answers as long as the process does. */
  healthz: {
    method: "GET";
    path: "/healthz";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Figures for Prometheus: requests, queues, tasks, syncs, the search index, the database. */
  metrics: {
    method: "GET";
    path: "/metrics";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Answers once the database and the search index do. */
  readyz: {
    method: "GET";
    path: "/readyz";
    params: undefined;
    query: undefined;
    body: undefined;
    answer: string;
  };
}
