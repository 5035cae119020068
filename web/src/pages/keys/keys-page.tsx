// API keys: make one, see it once, take it back.
import { useState } from "react";
import { call, post } from "../../api/client";
import { useList } from "../../api/resource";
import type { ApiKey, Scope } from "../../api/types";
import { Shell } from "../../shell";
import { Button, Empty, Time } from "../../ui/basics";
import { Confirm } from "../../ui/confirm";
import { CheckField, Form, SelectField, TextField, useAction } from "../../ui/form";
import { Listed } from "../../ui/listed";
import { CopyLine, Dialog, say } from "../../ui/overlay";
import { type SortKey, useSorted } from "../../ui/sort";
import { ActionsHead, Head, Table } from "../../ui/table";

const SORT: Record<string, SortKey<ApiKey>> = {
  name: (key) => key.name,
  made: (key) => key.created_at,
  used: (key) => key.last_used_at ?? 0,
  ends: (key) => key.expires_at ?? Number.MAX_SAFE_INTEGER,
};

const SCOPES: { scope: Scope; label: string; hint: string }[] = [
  { scope: "search", label: "Search", hint: "The search calls, with what you may see." },
  { scope: "read", label: "Read", hint: "Sources, records, errors and tasks that you may see." },
  { scope: "manage", label: "Manage", hint: "Everything that you may change." },
];

const DAYS = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "", label: "Never" },
];

export default function KeysPage(_: { params: Record<string, string> }) {
  const keys = useList<ApiKey>("/keys?limit=100");
  const { sorted, head } = useSorted(keys.data, SORT, "name");
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  return (
    <Shell title="API keys">
      <div className="page-head">
        <h1>API keys</h1>
        <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
          New key
        </Button>
      </div>
      <p className="quiet-text">
        A key acts for you: send it as <code>Authorization: Bearer fsk_…</code>. The calls are described in
        the <a href="/docs">API documentation</a>.
      </p>
      <Listed
        list={{ ...keys, data: sorted }}
        rows={3}
        empty={
          <Empty title="No keys yet">
            <p>Scripts and other front ends need one.</p>
          </Empty>
        }
      >
        {(items) => (
          <Table
            label="API keys"
            head={
              <>
                {head("name", "Name")}
                <Head className="not-on-phones">May</Head>
                {head("made", "Made", "not-on-phones")}
                {head("used", "Last used", "not-on-phones")}
                {head("ends", "Ends", "not-on-phones")}
                <ActionsHead />
              </>
            }
          >
            {items.map((key) => (
              <KeyRow key={key.id} apiKey={key} remove={() => setRemoving(key)} />
            ))}
          </Table>
        )}
      </Listed>
      {making && (
        <NewKey
          onClose={() => setMaking(false)}
          done={(made) => {
            setMaking(false);
            setSecret(made);
            keys.reload();
          }}
        />
      )}
      {secret && (
        <Dialog title="Your new key" onClose={() => setSecret(null)}>
          <p>It is shown only now. Keep it like a password.</p>
          <CopyLine value={secret} what="key" />
        </Dialog>
      )}
      {removing && (
        <Confirm
          title="Take back this key?"
          confirm="Take it back"
          onClose={() => setRemoving(null)}
          act={async () => {
            await call("DELETE", `/keys/${removing.id}`);
            say(`The key ${removing.name} no longer works`);
            setRemoving(null);
            keys.reload();
          }}
        >
          <p>
            Whatever uses <bdi>{removing.name}</bdi> is refused from now on.
          </p>
        </Confirm>
      )}
    </Shell>
  );
}

function KeyRow({ apiKey, remove }: { apiKey: ApiKey; remove: () => void }) {
  const scopes = apiKey.scopes.join(", ");
  return (
    <tr>
      <td className="grow">
        <bdi>{apiKey.name}</bdi>
        <div className="only-on-phones small quiet-text">
          {scopes} · ends <Time at={apiKey.expires_at} />
        </div>
      </td>
      <td className="not-on-phones nowrap">{scopes}</td>
      <td className="not-on-phones">
        <Time at={apiKey.created_at} />
      </td>
      <td className="not-on-phones">
        <Time at={apiKey.last_used_at} />
      </td>
      <td className="not-on-phones">
        <Time at={apiKey.expires_at} />
      </td>
      <td className="actions">
        <Button icon="trash" onClick={remove} aria-label={`Take back the key ${apiKey.name}`}>
          Take back
        </Button>
      </td>
    </tr>
  );
}

function NewKey({ onClose, done }: { onClose: () => void; done: (secret: string) => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["search"]);
  const [days, setDays] = useState("90");
  const { busy, error, general, run } = useAction();
  const make = () =>
    run(async () => {
      const expires_at = days === "" ? null : Date.now() + Number(days) * 86_400_000;
      const made = await post<{ secret: string }>("/keys", { name, scopes, expires_at });
      done(made.secret);
    });
  return (
    <Dialog title="New key" onClose={onClose}>
      <Form onSubmit={make} error={general}>
        <TextField
          label="What is it for?"
          required
          autoFocus
          maxLength={120}
          value={name}
          onChange={setName}
          error={error?.field("name")}
        />
        <fieldset className="radios">
          <legend>It may</legend>
          {SCOPES.map((each) => (
            <CheckField
              key={each.scope}
              label={each.label}
              hint={each.hint}
              checked={scopes.includes(each.scope)}
              onChange={(on) =>
                setScopes(on ? [...scopes, each.scope] : scopes.filter((own) => own !== each.scope))
              }
            />
          ))}
        </fieldset>
        {error?.field("scopes") && <p className="field-error">{error.field("scopes")}</p>}
        <SelectField
          label="It ends"
          value={days}
          onChange={setDays}
          options={DAYS}
          error={error?.field("expires_at")}
        />
        <div className="form-buttons">
          <Button type="submit" look="primary" busy={busy} disabled={scopes.length === 0}>
            Make the key
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
