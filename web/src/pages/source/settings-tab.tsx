// What can be changed about a source, and its end.
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import { useList, useResource } from "../../api/resource";
import { useIsAdministrator } from "../../api/session";
import type { ConnectorInfo, JsonSchema, Page, Schedule, Source, User } from "../../api/types";
import { ConfigForm } from "../../config-form/config-form";
import { type Config, splitSecrets } from "../../config-form/schema";
import { ManifestEditor, MappingEditor } from "../../manifest/editors";
import { readManifest } from "../../manifest/manifest";
import { navigate } from "../../router";
import { ScheduleField, VisibilityField } from "../../source-parts";
import { Button, Skeleton } from "../../ui/basics";
import { Form, SelectField, TextField, useAction } from "../../ui/form";
import { Dialog, say } from "../../ui/overlay";

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
        <p>What it brought can no longer be found at once, by anybody. The originals stay where they are.</p>
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
  const [name, setName] = useState(source.name);
  const [visibility, setVisibility] = useState(source.visibility);
  const [owner, setOwner] = useState(source.owner.id);
  const administrator = useIsAdministrator();
  const [schedule, setSchedule] = useState<Schedule>(source.schedule ?? null);
  const [config, setConfig] = useState<Config>(source.config ?? {});
  const [manifest, setManifest] = useState(source.manifest ?? "");
  const [mapping, setMapping] = useState(source.search ?? "");
  const { busy, error, run } = useAction();
  const read = useMemo(() => (source.manifest ? readManifest(manifest) : null), [source.manifest, manifest]);
  const schema = read?.schema ?? known ?? {};

  const save = () =>
    run(async () => {
      const parted = splitSecrets(schema, config);
      const body = {
        name,
        visibility,
        schedule,
        ...(owner === source.owner.id ? {} : { owner }),
        config: parted.config,
        ...(Object.keys(parted.secrets).length > 0 ? { secrets: parted.secrets } : {}),
        ...(read && manifest !== source.manifest ? { manifest } : {}),
        ...(mapping !== (source.search ?? "") ? { search: mapping || null } : {}),
      };
      set(await call<Source>("PATCH", `/sources/${source.id}`, body));
      say("Saved");
    });

  return (
    <Form onSubmit={save} error={error}>
      <TextField
        label="Name"
        required
        maxLength={120}
        value={name}
        onChange={setName}
        error={error?.field("name")}
      />
      <ConfigForm
        schema={schema}
        value={config}
        onChange={setConfig}
        problem={(path) => error?.field(`config.${path}`)}
        keepSecrets
      />
      {read && (
        <details>
          <summary>Manifest</summary>
          <ManifestEditor read={read} manifest={manifest} setManifest={setManifest} />
        </details>
      )}
      <MappingEditor mapping={mapping} setMapping={setMapping} />
      <VisibilityField value={visibility} onChange={setVisibility} />
      {administrator && (
        <OwnerField own={source.owner} value={owner} onChange={setOwner} error={error?.field("owner")} />
      )}
      <ScheduleField value={schedule} onChange={setSchedule} error={error?.field("schedule")} />
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
  const { data: users } = useList<User>("/users?limit=200");
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
