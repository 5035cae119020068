// Groups and who is in them; a group may be a member of another.
import { useState } from "react";
import { call, post } from "../../api/client";
import { useAll, useList } from "../../api/resource";
import type { Group, GroupMember, User } from "../../api/types";
import { plural } from "../../lib/format";
import { useParam } from "../../router";
import { Button, Empty, ErrorNotice, IconButton, Notice } from "../../ui/basics";
import { Confirm } from "../../ui/confirm";
import { Form, SelectField, TextField, useAction } from "../../ui/form";
import { Icon } from "../../ui/icon";
import { Listed } from "../../ui/listed";
import { Dialog, say } from "../../ui/overlay";

export function GroupsTab() {
  const groups = useList<Group>("/groups?limit=100");
  const [open, setOpen] = useParam("group");
  const [naming, setNaming] = useState<Group | "new" | null>(null);
  const [deleting, setDeleting] = useState<Group | null>(null);
  return (
    <section className="section">
      <div className="section-head">
        <p className="quiet-text">A source can be shared with groups. Who joins finds it at once.</p>
        <Button look="primary" icon="plus" onClick={() => setNaming("new")}>
          New group
        </Button>
      </div>
      <Listed
        list={groups}
        rows={3}
        empty={
          <Empty title="No groups yet">
            <p>Make one for a team, then share sources with it.</p>
          </Empty>
        }
      >
        {(items) => (
          <ul className="groups">
            {items.map((group) => (
              <li key={group.id} className="group">
                <div className="section-head">
                  <button
                    type="button"
                    className="group-name"
                    aria-expanded={open === String(group.id)}
                    onClick={() => setOpen(open === String(group.id) ? null : String(group.id))}
                  >
                    <Icon name={open === String(group.id) ? "down" : "right"} />
                    <bdi>{group.name}</bdi>
                    <span className="quiet-text">{plural(group.members.length, "member")}</span>
                  </button>
                  <div className="form-buttons">
                    <Button look="quiet" onClick={() => setNaming(group)}>
                      Rename
                    </Button>
                    <IconButton
                      icon="trash"
                      label={`Delete the group ${group.name}`}
                      onClick={() => setDeleting(group)}
                    />
                  </div>
                </div>
                {open === String(group.id) && <Members group={group} reload={groups.reload} />}
              </li>
            ))}
          </ul>
        )}
      </Listed>
      {naming && (
        <NameDialog
          group={naming === "new" ? null : naming}
          onClose={() => setNaming(null)}
          done={(id) => {
            setNaming(null);
            groups.reload();
            if (id) setOpen(String(id));
          }}
        />
      )}
      {deleting && (
        <Confirm
          title="Delete this group?"
          confirm="Delete it"
          onClose={() => setDeleting(null)}
          act={async () => {
            await call("DELETE", `/groups/${deleting.id}`);
            say(`Deleted ${deleting.name}`);
            setDeleting(null);
            groups.reload();
          }}
        >
          <Notice look="warning" title={deleting.name}>
            <p>Its members no longer find what was shared with it. Their accounts stay.</p>
          </Notice>
        </Confirm>
      )}
    </section>
  );
}

function Members({ group, reload }: { group: Group; reload: () => void }) {
  const groups = useAll<Group>("/groups?limit=200").data ?? [];
  const users = useAll<User>("/users?limit=200").data ?? [];
  const { busy, error, run } = useAction();
  const [chosen, setChosen] = useState("");
  const isMember = (kind: GroupMember["kind"], id: number) =>
    group.members.some((member) => member.kind === kind && member.id === id);
  const options = [
    ...users
      .filter((user) => !isMember("user", user.id))
      .map((user) => ({ value: `user/${user.id}`, label: user.name || user.email })),
    ...groups
      .filter((each) => each.id !== group.id && !isMember("group", each.id))
      .map((each) => ({ value: `group/${each.id}`, label: `Group: ${each.name}` })),
  ];
  const change = (method: "PUT" | "DELETE", member: string) =>
    run(async () => {
      await call(method, `/groups/${group.id}/members/${member}`);
      setChosen("");
      reload();
    });
  return (
    <div className="members">
      {error && <ErrorNotice error={error} />}
      {group.members.length === 0 && <p className="quiet-text">Nobody is in this group yet.</p>}
      <ul>
        {group.members.map((member) => (
          <li key={`${member.kind}/${member.id}`}>
            <Icon name={member.kind === "user" ? "user" : "archive"} label={member.kind} />
            <bdi>{member.name || `${member.kind} ${member.id}`}</bdi>
            <IconButton
              icon="close"
              label={`Take ${member.name} out of ${group.name}`}
              disabled={busy}
              onClick={() => change("DELETE", `${member.kind}/${member.id}`)}
            />
          </li>
        ))}
      </ul>
      {options.length > 0 && (
        <form
          className="add-member"
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen) change("PUT", chosen);
          }}
        >
          <SelectField
            label={`Add to ${group.name}`}
            value={chosen}
            onChange={setChosen}
            options={[{ value: "", label: "Choose a person or a group" }, ...options]}
          />
          <Button type="submit" busy={busy} disabled={!chosen}>
            Add
          </Button>
        </form>
      )}
    </div>
  );
}

type NameProps = { group: Group | null; onClose: () => void; done: (id: number | null) => void };

function NameDialog({ group, onClose, done }: NameProps) {
  const [name, setName] = useState(group?.name ?? "");
  const { busy, error, general, run } = useAction();
  const save = () =>
    run(async () => {
      if (group) await call("PATCH", `/groups/${group.id}`, { name });
      const made = group ? null : await post<Group>("/groups", { name });
      done(made?.id ?? null);
    });
  return (
    <Dialog title={group ? "Rename the group" : "New group"} onClose={onClose}>
      <Form onSubmit={save} error={general}>
        <TextField
          label="Name"
          required
          autoFocus
          maxLength={120}
          value={name}
          onChange={setName}
          error={error?.field("name")}
        />
        <div className="form-buttons">
          <Button type="submit" look="primary" busy={busy}>
            {group ? "Rename" : "Make the group"}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
