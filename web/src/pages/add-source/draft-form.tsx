// The form of a new source. What it would bring is looked at before the first sync, unless the person skips that.
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { post } from "../../api/client";
import type {
  Check,
  ConnectorInfo,
  Discovery,
  Estimate,
  Schedule,
  Source,
  SourceDraft,
  Visibility,
} from "../../api/types";
import { ConfigForm } from "../../config-form/config-form";
import { type Config, initialConfig, splitSecrets } from "../../config-form/schema";
import { plural } from "../../lib/format";
import { ManifestEditor, MappingEditor } from "../../manifest/editors";
import { type ReadManifest, readManifest } from "../../manifest/manifest";
import { navigate } from "../../router";
import { ScheduleField, VisibilityField } from "../../source-parts";
import { Button, ErrorNotice } from "../../ui/basics";
import { TextField, useAction } from "../../ui/form";
import { say } from "../../ui/overlay";
import { Discovered, Estimated, TestResult } from "./findings";

/** What was found out, and about which configuration. */
interface Findings {
  about: string;
  check?: Check;
  discovery?: Discovery;
  estimate?: Estimate;
}

/** What differs between a folder and an API, in words. */
const FOLDER = {
  what: "The folder",
  look: "What would be taken",
  button: "Count the files",
  busy: "Counting …",
  skip: "Add without counting",
};
const API = {
  what: "The API",
  look: "Test",
  button: "Test connection",
  busy: "Asking the API …",
  skip: "Add without the test",
};

export function SourceDraftForm({ connector }: { connector: ConnectorInfo }) {
  const byManifest = connector.name === "http";
  const words = byManifest ? API : FOLDER;
  const [name, setName] = useState("");
  const [manifest, setManifest] = useState("");
  const [mapping, setMapping] = useState("");
  const [own, setOwn] = useState<Config | null>(null);
  const [visibility, setVisibility] = useState<Visibility>({ to: "owner" });
  const [schedule, setSchedule] = useState<Schedule>({ every_ms: 15 * 60_000 });
  const [findings, setFindings] = useState<Findings | null>(null);
  const look = useAction();
  const add = useAction();

  const read = useMemo(() => (byManifest ? readManifest(manifest) : null), [byManifest, manifest]);
  const schema = read?.schema ?? connector.config_schema;
  const config = own ?? initialConfig(schema);
  const parted = splitSecrets(schema, config);
  const about = JSON.stringify([parted, manifest, mapping]);
  const current: Findings = findings?.about === about ? findings : { about };
  // Only once the whole look is over: the button must not change its words under somebody's pointer.
  const ready = current.check?.ok === true && !look.busy;
  const incomplete = isIncomplete(read, manifest);
  const called = suggestName(String((read ? read.title : config.path) ?? "")) || connector.title;

  const draft = (): SourceDraft => ({
    name: name || called,
    connector: connector.name,
    config: parted.config,
    secrets: Object.keys(parted.secrets).length > 0 ? parted.secrets : undefined,
    visibility,
    schedule,
    ...(byManifest ? { manifest, search: mapping || undefined } : {}),
  });

  // Enter in a field far above starts the look: what it finds is brought into view.
  const outcome = useRef<HTMLElement>(null);
  useEffect(() => {
    if (look.busy || findings || look.error) outcome.current?.scrollIntoView({ block: "nearest" });
  }, [look.busy, look.error, findings]);

  const inspect = () =>
    look.run(async () => {
      const check = await post<Check>("/sources/check", draft());
      setFindings({ about, check });
      if (!check.ok) return;
      if (byManifest)
        setFindings({ about, check, discovery: await post<Discovery>("/sources/discover", draft()) });
      else setFindings({ about, check, estimate: await post<Estimate>("/sources/estimate", draft()) });
    });

  const create = () =>
    add.run(async () => {
      const source = await post<Source>("/sources", draft());
      if (!source.current_sync) await post(`/sources/${source.id}/sync`, { mode: "full" });
      say(`Added ${source.name}; it can be searched while it syncs`);
      navigate(`/sources/${source.id}`);
    });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Enter and the primary button do the next step; the other button skips the look.
    const pressed = (event.nativeEvent as SubmitEvent).submitter?.getAttribute("value");
    if (pressed === "look" || (pressed !== "add" && !ready)) inspect();
    else create();
  };
  const problem = (path: string) => add.error?.field(`config.${path}`) ?? look.error?.field(`config.${path}`);

  return (
    <form className="form draft" onSubmit={submit}>
      <section className="section">
        <h2>{words.what}</h2>
        {read && <ManifestEditor read={read} manifest={manifest} setManifest={setManifest} />}
        <ConfigForm schema={schema} value={config} onChange={setOwn} problem={problem} />
        {byManifest && <MappingEditor mapping={mapping} setMapping={setMapping} />}
      </section>

      <section ref={outcome} className="section" aria-live="polite">
        <h2>{words.look}</h2>
        <div className="form-buttons">
          <Button
            type="submit"
            value="look"
            look={ready ? "plain" : "primary"}
            busy={look.busy}
            disabled={incomplete}
          >
            {words.button}
          </Button>
          {look.busy && <span className="quiet-text">{words.busy}</span>}
        </div>
        {look.error && <ErrorNotice error={look.error} />}
        {current.check && <TestResult result={current.check} />}
        {current.discovery && (
          <Discovered discovery={current.discovery} known={current.check?.warnings ?? []} use={setMapping} />
        )}
        {current.estimate && <Estimated estimate={current.estimate} />}
      </section>

      <section className="section">
        <h2>In Fossick</h2>
        <TextField
          label="Name"
          hint="People see it beside each hit, and can search with in:name."
          maxLength={120}
          placeholder={called}
          value={name}
          onChange={setName}
          error={add.error?.field("name")}
        />
        <VisibilityField value={visibility} onChange={setVisibility} />
        <ScheduleField value={schedule} onChange={setSchedule} error={add.error?.field("schedule")} />
      </section>

      {add.error && <ErrorNotice error={add.error} />}
      <div className="form-buttons">
        <Button
          type="submit"
          value="add"
          look={ready ? "primary" : "plain"}
          busy={add.busy}
          disabled={incomplete}
        >
          {ready ? addText(current.estimate) : words.skip}
        </Button>
      </div>
    </form>
  );
}

function isIncomplete(read: ReadManifest | null, manifest: string): boolean {
  return read !== null && (manifest === "" || read.errors.length > 0);
}

function addText(estimate: Estimate | undefined): string {
  return estimate ? `Add and sync ${plural(estimate.items, "file")}` : "Add and sync";
}

/** The last part of a path, or the title, without what goes without saying. */
function suggestName(from: string): string {
  const last = from.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  return last.replace(/\s+(spec|connection)$/i, "").slice(0, 120);
}
