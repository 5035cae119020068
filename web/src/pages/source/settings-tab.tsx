// What can be changed about a source, and its end.
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import { useAll, useResource } from "../../api/resource";
import { useIsAdministrator } from "../../api/session";
import type { ConnectorInfo, JsonSchema, Page, Source, User } from "../../api/types";
import { ConfigForm } from "../../config-form/config-form";
import { ManifestEditor, MappingEditor } from "../../manifest/editors";
import { readManifest } from "../../manifest/manifest";
import { navigate } from "../../router";
import { ScheduleField, VisibilityField } from "../../source-parts";
import { Button, Skeleton } from "../../ui/basics";
import { Form, SelectField, TextField, useAction } from "../../ui/form";
import { Dialog, say } from "../../ui/overlay";
import { changes, type Settings, settingsOf } from "./settings";

type SettingsProps = { source: Source; set: (source: Source) => void };

export default function SettingsTab({ source, set }: SettingsProps) {
  const connectors = useResource<Page<ConnectorInfo>>("/connectors");
  const [deleting, setDeleting] = useState(false);
  if (connectors.loading) return <Skeleton rows={6} />;
  const schema = connectors.data?.items.find((each) => each.name === source.connector)?.config_schema;
  return (
    <div className="section settings">
      <SettingsForm source={source} set={set} known={schema} />
      <section className="section danger-zone">
        <h2>Delete this source</h2>
        <p>What it brought is gone from every search at once. The originals stay where they are.</p>
        <div className="form-buttons">
          <Button icon="trash" onClick={() => setDeleting(true)}>
            Delete …
          </Button>
        </div>
      </section>
      {deleting && <DeleteDialog source={source} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function SettingsForm({ source, set, known }: SettingsProps & { known: JsonSchema | undefined }) {
  // What was read when the form was last filled in. The page keeps `source` current, and what somebody else changes
  // meanwhile must not look like a change of this person's.
  const [loaded, setLoaded] = useState(() => settingsOf(source));
  const [settings, setSettings] = useState(loaded);
  const { name, visibility, owner, schedule, config, manifest, mapping } = settings;
  const administrator = useIsAdministrator();
  const { busy, error, run } = useAction();
  const read = useMemo(() => (loaded.manifest ? readManifest(manifest) : null), [loaded.manifest, manifest]);
  const schema = read?.schema ?? known ?? {};
  const change = (part: Partial<Settings>) => setSettings((old) => ({ ...old, ...part }));

  const save = () =>
    run(async () => {
      const oldSchema = loaded.manifest ? readManifest(loaded.manifest).schema : known;
      const body = changes(loaded, oldSchema ?? {}, settings, schema);
      if (Object.keys(body).length === 0) return say("Nothing was changed");
      const answer = await call<Source>("PATCH", `/sources/${source.id}`, body);
      set(answer);
      setLoaded(settingsOf(answer));
      setSettings(settingsOf(answer));
      say("Saved");
    });

  return (
    <Form onSubmit={save} error={error}>
      <TextField
        label="Name"
        required
        maxLength={120}
        value={name}
        onChange={(next) => change({ name: next })}
        error={error?.field("name")}
      />
      <ConfigForm
        schema={schema}
        value={config}
        onChange={(next) => change({ config: next })}
        problem={(path) => error?.field(`config.${path}`)}
        keepSecrets
      />
      {read && (
        <details>
          <summary>Manifest</summary>
          <ManifestEditor
            read={read}
            manifest={manifest}
            setManifest={(next) => change({ manifest: next })}
          />
        </details>
      )}
      <MappingEditor mapping={mapping} setMapping={(next) => change({ mapping: next })} />
      <VisibilityField value={visibility} onChange={(next) => change({ visibility: next })} />
      {administrator && (
        <OwnerField
          own={source.owner}
          value={owner}
          onChange={(next) => change({ owner: next })}
          error={error?.field("owner")}
        />
      )}
      <ScheduleField
        value={schedule}
        onChange={(next) => change({ schedule: next })}
        error={error?.field("schedule")}
      />
      <div className="form-buttons">
        <Button type="submit" look="primary" busy={busy} disabled={read !== null && read.errors.length > 0}>
          Save
        </Button>
      </div>
    </Form>
  );
}

type OwnerProps = {
  own: Source["owner"];
  value: number;
  onChange: (owner: number) => void;
  error: string | undefined;
};

/** Whose it is: for administrators, who may give it away. */
function OwnerField({ own, value, onChange, error }: OwnerProps) {
  const { data: users } = useAll<User>("/users?limit=200");
  const others = (users ?? []).filter((user) => user.id !== own.id && user.state !== "disabled");
  return (
    <SelectField
      label="Owner"
      hint="Who owns a source manages it, and finds what it holds."
      value={String(value)}
      onChange={(next) => onChange(Number(next))}
      options={[own, ...others].map((user) => ({
        value: String(user.id),
        label: user.name || `user ${user.id}`,
      }))}
      error={error}
    />
  );
}

function DeleteDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { busy, error, run } = useAction();
  const remove = () =>
    run(async () => {
      await call("DELETE", `/sources/${source.id}`);
      say(`Deleted ${source.name}`);
      navigate("/sources", { replace: true });
    });
  return (
    <Dialog title="Delete this source?" onClose={onClose}>
      <Form onSubmit={remove} error={error}>
        <p>
          Nobody will find its {source.records.toLocaleString("en")} records any more. To go on, type its
          name:{" "}
          <strong>
            <bdi>{source.name}</bdi>
          </strong>
        </p>
        <TextField
          label="Name of the source"
          autoComplete="off"
          autoFocus
          value={typed}
          onChange={setTyped}
        />
        <div className="form-buttons">
          <Button type="submit" look="danger" busy={busy} disabled={typed.trim() !== source.name.trim()}>
            Delete it
          </Button>
          <Button onClick={onClose}>Keep it</Button>
        </div>
      </Form>
    </Dialog>
  );
}
