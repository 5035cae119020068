// What can be changed about a source, and its end.
import { useState } from "react";
import { call } from "../../api/client";
import { useResource } from "../../api/resource";
import type { ConnectorInfo, JsonSchema, Page, Source } from "../../api/types";
import { ConfigForm } from "../../config-form/config-form";
import { type Config, splitSecrets } from "../../config-form/schema";
import { navigate } from "../../router";
import { ScheduleField, VisibilityField } from "../../source-parts";
import { Button, Skeleton } from "../../ui/basics";
import { Form, TextAreaField, TextField, useAction } from "../../ui/form";
import { Dialog, say } from "../../ui/overlay";

type SettingsProps = { source: Source; set: (source: Source) => void };

export function SettingsTab({ source, set }: SettingsProps) {
  const connectors = useResource<Page<ConnectorInfo>>("/connectors");
  const [deleting, setDeleting] = useState(false);
  if (connectors.loading) return <Skeleton rows={6} />;
  const known = connectors.data?.items.find((each) => each.name === source.connector)?.config_schema;
  const schema = source.config_schema ?? known;
  return (
    <div className="section settings">
      <SettingsForm source={source} set={set} schema={hasFields(schema) ? schema : undefined} />
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

function hasFields(schema: JsonSchema | undefined): schema is JsonSchema {
  return Object.keys(schema?.properties ?? {}).length > 0;
}

function SettingsForm({ source, set, schema }: SettingsProps & { schema: JsonSchema | undefined }) {
  const [name, setName] = useState(source.name);
  const [visibility, setVisibility] = useState(source.visibility);
  const [schedule, setSchedule] = useState(source.schedule);
  const [config, setConfig] = useState<Config>(source.config);
  const [raw, setRaw] = useState(() => JSON.stringify(source.config, null, 2));
  const [rawWrong, setRawWrong] = useState<string | undefined>();
  const { busy, error, run } = useAction();

  const save = () => {
    let parted = { config, secrets: {} as Record<string, unknown> };
    if (schema) parted = splitSecrets(schema, config);
    else {
      try {
        parted = { config: JSON.parse(raw) as Config, secrets: {} };
        setRawWrong(undefined);
      } catch (failure) {
        setRawWrong(`This is not JSON: ${failure instanceof Error ? failure.message : failure}`);
        return;
      }
    }
    const secrets = Object.keys(parted.secrets).length > 0 ? { secrets: parted.secrets } : {};
    run(async () => {
      const body = { name, visibility, schedule, config: parted.config, ...secrets };
      set(await call<Source>("PATCH", `/sources/${source.id}`, body));
      say("Saved");
    });
  };

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
      {schema ? (
        <ConfigForm
          schema={schema}
          value={config}
          onChange={setConfig}
          problem={(path) => error?.field(`config.${path}`)}
          keepSecrets
        />
      ) : (
        <TextAreaField
          label="Configuration"
          hint="As JSON. Keys and passwords are not shown; they are kept."
          mono
          rows={8}
          value={raw}
          onChange={setRaw}
          error={rawWrong ?? error?.field("config")}
        />
      )}
      <VisibilityField value={visibility} onChange={setVisibility} />
      <ScheduleField value={schedule} onChange={setSchedule} error={error?.field("schedule")} />
      <div className="form-buttons">
        <Button type="submit" look="primary" busy={busy}>
          Save
        </Button>
      </div>
    </Form>
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
