// What several pages say about sources: with whom they are shared, when they sync, and the one button to press.
import { post } from "./api/client";
import { useAll } from "./api/resource";
import { useIsAdministrator } from "./api/session";
import type { Group, Schedule, Source, StateAction, Visibility } from "./api/types";
import { duration, plural } from "./lib/format";
import { navigate } from "./router";
import { Button } from "./ui/basics";
import { CheckField, RadioField, SelectField, TextField, useAction } from "./ui/form";
import { attempt } from "./ui/overlay";

export function visibilityText(visibility: Visibility): string {
  if (visibility.to === "everyone") return "Everyone";
  if (visibility.to === "groups") return plural(visibility.groups?.length ?? 0, "group");
  return "Owner alone";
}

export function scheduleText(schedule: Schedule | undefined): string {
  if (!schedule) return "By hand";
  if ("every_ms" in schedule) return `Every ${duration(schedule.every_ms)}`;
  return `${schedule.cron} (${schedule.time_zone})`;
}

type VisibilityProps = { value: Visibility; onChange: (value: Visibility) => void };

export function VisibilityField({ value, onChange }: VisibilityProps) {
  const groups = useAll<Group>("/groups?limit=200");
  const chosen = value.to === "groups" ? (value.groups ?? []) : [];
  const options = [
    { value: "owner" as const, label: "Only me" },
    { value: "groups" as const, label: "Groups", hint: "Members of nested groups count." },
    { value: "everyone" as const, label: "Everyone with an account here" },
  ];
  return (
    <>
      <RadioField
        legend="Who can find it"
        name="visibility"
        value={value.to}
        onChange={(to) => onChange(to === "groups" ? { to, groups: chosen } : { to })}
        options={options}
      />
      {value.to === "groups" && (
        <div className="nested">
          {groups.data?.length === 0 && (
            <p className="hint">There are no groups yet; administrators make them.</p>
          )}
          {groups.error && (
            <p className="field-error">
              The groups can't be listed: {groups.error.detail || groups.error.message}
            </p>
          )}
          {(groups.data ?? []).map((group) => (
            <CheckField
              key={group.id}
              label={<bdi>{group.name}</bdi>}
              checked={chosen.includes(group.id)}
              onChange={(on) =>
                onChange({
                  to: "groups",
                  groups: on ? [...chosen, group.id] : chosen.filter((id) => id !== group.id),
                })
              }
            />
          ))}
        </div>
      )}
    </>
  );
}

const EVERY = [
  [5 * 60_000, "Every 5 minutes"],
  [15 * 60_000, "Every 15 minutes"],
  [3_600_000, "Every hour"],
  [6 * 3_600_000, "Every 6 hours"],
  [86_400_000, "Every day"],
] as const;

type ScheduleProps = { value: Schedule; onChange: (value: Schedule) => void; error?: string };

export function ScheduleField({ value, onChange, error }: ScheduleProps) {
  const kind = !value ? "none" : "cron" in value ? "cron" : String(value.every_ms);
  const known = EVERY.some(([ms]) => String(ms) === kind);
  const options = [
    ...EVERY.map(([ms, label]) => ({ value: String(ms), label })),
    ...(kind !== "none" && kind !== "cron" && !known ? [{ value: kind, label: scheduleText(value) }] : []),
    { value: "cron", label: "At set times (cron)" },
    { value: "none", label: "Only by hand" },
  ];
  const choose = (next: string) => {
    if (next === "none") onChange(null);
    else if (next === "cron") onChange({ cron: "0 6 * * *", time_zone: ownTimeZone() });
    else onChange({ every_ms: Number(next) });
  };
  return (
    <>
      <SelectField label="When it syncs" value={kind} onChange={choose} options={options} error={error} />
      {value && "cron" in value && (
        <div className="nested">
          <TextField
            label="Cron expression"
            hint="Minute, hour, day of the month, month, day of the week: 0 6 * * 1-5 is six o'clock on working days."
            required
            className="mono"
            value={value.cron}
            onChange={(cron) => onChange({ ...value, cron })}
          />
          <TextField
            label="Time zone"
            hint="Such as Europe/Berlin."
            required
            value={value.time_zone}
            onChange={(time_zone) => onChange({ ...value, time_zone })}
          />
        </div>
      )}
    </>
  );
}

function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

const ACTION_WORDS: Record<StateAction, string> = {
  sync: "Sync now",
  retry: "Retry all errors",
  edit: "Edit settings",
  confirm_sweep: "They are gone: remove them",
  resume: "Resume",
};

/** The one button for a source that waits for a person. */
export function StateActionButton({ source, done }: { source: Source; done: () => void }) {
  const action = source.state_detail?.action;
  const administrator = useIsAdministrator();
  const { busy, run } = useAction();
  if (!action || !(source.may_manage || administrator)) return null;
  const press = () => {
    if (action === "edit") navigate(`/sources/${source.id}?tab=settings`);
    else
      run(async () => {
        if (await attempt(() => act(source, action), "Done")) done();
      });
  };
  return (
    <Button look={action === "confirm_sweep" ? "danger" : "primary"} busy={busy} onClick={press}>
      {ACTION_WORDS[action]}
    </Button>
  );
}

async function act(source: Source, action: StateAction): Promise<void> {
  switch (action) {
    case "sync":
      await post(`/sources/${source.id}/sync`, { mode: "incremental" });
      break;
    case "retry":
      await post(`/sources/${source.id}/failures/retry`, { all: true });
      break;
    case "resume":
      await post(`/sources/${source.id}/resume`);
      break;
    case "confirm_sweep":
      if (source.current_sync) await post(`/syncs/${source.current_sync.id}/confirm-sweep`);
      break;
    default:
      break;
  }
}
