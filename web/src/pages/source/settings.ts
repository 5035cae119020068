// What a source's settings are as a form has them, and which of them a person changed.
import type { JsonSchema, Schedule, Source, Visibility } from "../../api/types";
import { type Config, splitSecrets } from "../../config-form/schema";

export interface Settings {
  name: string;
  visibility: Visibility;
  owner: number;
  schedule: Schedule;
  config: Config;
  manifest: string;
  mapping: string;
}

export function settingsOf(source: Source): Settings {
  return {
    name: source.name,
    visibility: source.visibility,
    owner: source.owner.id,
    schedule: source.schedule ?? null,
    config: source.config ?? {},
    manifest: source.manifest ?? "",
    mapping: source.search ?? "",
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The body that changes what differs from what was `loaded`. Anything else has a cost: a configuration that is sent is
 * read anew, a visibility that is sent undoes what somebody else decided meanwhile.
 */
export function changes(loaded: Settings, oldSchema: JsonSchema, now: Settings, schema: JsonSchema) {
  const parted = splitSecrets(schema, now.config);
  return {
    ...(now.name === loaded.name ? {} : { name: now.name }),
    ...(same(now.visibility, loaded.visibility) ? {} : { visibility: now.visibility }),
    ...(same(now.schedule, loaded.schedule) ? {} : { schedule: now.schedule }),
    ...(now.owner === loaded.owner ? {} : { owner: now.owner }),
    ...(same(parted.config, splitSecrets(oldSchema, loaded.config).config) ? {} : { config: parted.config }),
    ...(Object.keys(parted.secrets).length > 0 ? { secrets: parted.secrets } : {}),
    ...(now.manifest === loaded.manifest ? {} : { manifest: now.manifest }),
    ...(now.mapping === loaded.mapping ? {} : { search: now.mapping || null }),
  };
}
