// Users: invite, change the role, switch off, hand over a reset link, delete.
import { useState } from "react";
import { call, post } from "../../api/client";
import { useAll, useList } from "../../api/resource";
import { useSession } from "../../api/session";
import type { OneTimeLink, Role, User } from "../../api/types";
import { Button, Empty, Time } from "../../ui/basics";
import { Confirm } from "../../ui/confirm";
import { Form, SelectField, TextField, useAction } from "../../ui/form";
import { Listed } from "../../ui/listed";
import { attempt, CopyLine, Dialog, Menu, MenuItem, say, sayRefusal } from "../../ui/overlay";
import { type SortKey, useSorted } from "../../ui/sort";
import { Badge } from "../../ui/state";
import { ActionsHead, Table } from "../../ui/table";

const SORT: Record<string, SortKey<User>> = {
  name: (user) => user.name || user.email,
  role: (user) => user.role,
  state: (user) => user.state,
  seen: (user) => user.last_seen_at ?? 0,
};

const STATES = {
  active: { word: "Active", icon: "check", look: "success" },
  invited: { word: "Invited", icon: "clock", look: "neutral" },
  disabled: { word: "Switched off", icon: "close", look: "neutral" },
} as const;

const ROLES = [
  { value: "member", label: "Member: searches, adds sources" },
  { value: "administrator", label: "Administrator: everything" },
];

type Handover = { title: string; link: OneTimeLink };

export function UsersTab() {
  const users = useList<User>("/users?limit=100");
  const { sorted, head } = useSorted(users.data, SORT, "name");
  const [inviting, setInviting] = useState(false);
  const [handover, setHandover] = useState<Handover | null>(null);
  const [deleting, setDeleting] = useState<User | null>(null);
  return (
    <section className="section">
      <div className="section-head">
        <p className="quiet-text">
          Whoever has an account finds what is shared with everyone and with their groups.
        </p>
        <Button look="primary" icon="plus" onClick={() => setInviting(true)}>
          Invite
        </Button>
      </div>
      <Listed list={{ ...users, data: sorted }} empty={<Empty title="No users" />}>
        {(items) => (
          <Table
            label="Users"
            head={
              <>
                {head("name", "Name")}
                {head("role", "Role", "not-on-phones")}
                {head("state", "State", "not-on-phones")}
                {head("seen", "Last seen", "not-on-phones")}
                <ActionsHead />
              </>
            }
          >
            {items.map((user) => (
              <UserRow
                key={user.id}
                user={user}
                reload={users.reload}
                handOver={setHandover}
                remove={() => setDeleting(user)}
              />
            ))}
          </Table>
        )}
      </Listed>
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          done={(link) => {
            setInviting(false);
            setHandover(link);
            users.reload();
          }}
        />
      )}
      {handover && <LinkDialog handover={handover} onClose={() => setHandover(null)} />}
      {deleting && (
        <DeleteUser
          user={deleting}
          onClose={() => setDeleting(null)}
          done={() => {
            setDeleting(null);
            users.reload();
          }}
        />
      )}
    </section>
  );
}

type RowProps = { user: User; reload: () => void; handOver: (link: Handover) => void; remove: () => void };

function UserRow({ user, reload, handOver, remove }: RowProps) {
  const own = useSession().session?.user?.id === user.id;
  const change = async (body: Partial<User>, done: string) => {
    if (await attempt(() => call("PATCH", `/users/${user.id}`, body), done)) reload();
  };
  const makeLink = () =>
    post<OneTimeLink>(`/users/${user.id}/reset-link`).then(
      (link) => handOver({ title: `Reset link for ${user.name || user.email}`, link }),
      sayRefusal,
    );
  const called = user.name || user.email;
  const role = user.role === "administrator" ? "Administrator" : "Member";
  return (
    <tr>
      <td className="grow">
        <bdi className="user-name">{user.name || "–"}</bdi>
        {own && <span className="quiet-text"> (you)</span>}
        <div className="quiet-text small">{user.email}</div>
        <div className="only-on-phones small">
          {role} · <Badge face={STATES[user.state]} />
        </div>
      </td>
      <td className="not-on-phones">{role}</td>
      <td className="not-on-phones">
        <Badge face={STATES[user.state]} />
      </td>
      <td className="nowrap not-on-phones">
        <Time at={user.last_seen_at} />
      </td>
      <td className="actions">
        <Menu label="" name={`Actions for ${called}`} icon="dots">
          {(close) => {
            const choose = (work: () => void) => () => {
              close();
              work();
            };
            return (
              <>
                <MenuItem onSelect={choose(makeLink)}>
                  {user.state === "invited" ? "New invitation link" : "Reset link"}
                </MenuItem>
                {!own && (
                  <>
                    <MenuItem
                      onSelect={choose(() =>
                        change(
                          { role: user.role === "administrator" ? "member" : "administrator" },
                          `${called} is ${user.role === "administrator" ? "a member" : "an administrator"} now`,
                        ),
                      )}
                    >
                      {user.role === "administrator" ? "Make a member" : "Make an administrator"}
                    </MenuItem>
                    {user.state !== "invited" && (
                      <MenuItem
                        onSelect={choose(() =>
                          change(
                            { state: user.state === "disabled" ? "active" : "disabled" },
                            user.state === "disabled"
                              ? `${called} can sign in again`
                              : `${called} is signed out everywhere`,
                          ),
                        )}
                      >
                        {user.state === "disabled" ? "Switch on" : "Switch off"}
                      </MenuItem>
                    )}
                    <hr />
                    <MenuItem danger onSelect={choose(remove)}>
                      Delete …
                    </MenuItem>
                  </>
                )}
              </>
            );
          }}
        </Menu>
      </td>
    </tr>
  );
}

function InviteDialog({ onClose, done }: { onClose: () => void; done: (link: Handover) => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const { busy, error, general, run } = useAction();
  const invite = () =>
    run(async () => {
      const body = { email, role, ...(name ? { name } : {}) };
      const made = await post<{ user: User; invitation: OneTimeLink }>("/users", body);
      done({ title: `Invitation for ${made.user.email}`, link: made.invitation });
    });
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <Form onSubmit={invite} error={general}>
        <TextField
          label="E-mail"
          type="email"
          required
          autoFocus
          autoComplete="off"
          value={email}
          onChange={setEmail}
          error={error?.field("email")}
        />
        <TextField
          label="Name (optional)"
          autoComplete="off"
          value={name}
          onChange={setName}
          error={error?.field("name")}
        />
        <SelectField label="Role" value={role} onChange={(value) => setRole(value as Role)} options={ROLES} />
        <p className="hint">No mail is sent: you get a link to hand over.</p>
        <div className="form-buttons">
          <Button type="submit" look="primary" busy={busy}>
            Make the link
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function LinkDialog({ handover, onClose }: { handover: Handover; onClose: () => void }) {
  return (
    <Dialog title={handover.title} onClose={onClose}>
      <p>
        Hand this link over; it works once, is shown only now, and ends{" "}
        {<Time at={handover.link.expires_at} />}.
      </p>
      <CopyLine value={handover.link.url} what="link" />
    </Dialog>
  );
}

type DeleteProps = { user: User; onClose: () => void; done: () => void };

function DeleteUser({ user, onClose, done }: DeleteProps) {
  const { data: users } = useAll<User>("/users?limit=200");
  const others = (users ?? []).filter((each) => each.id !== user.id && each.state !== "disabled");
  const [heir, setHeir] = useState("");
  const called = user.name || user.email;
  const remove = async () => {
    await call("DELETE", `/users/${user.id}${heir ? `?sources_to=${heir}` : ""}`);
    say(`Deleted ${called}`);
    done();
  };
  return (
    <Confirm title="Delete this account?" confirm="Delete it" onClose={onClose} act={remove}>
      <p>
        <bdi>{called}</bdi> can no longer sign in. To keep the account for later, switch it off instead.
      </p>
      <SelectField
        label="Give their sources to"
        hint="Somebody who owns sources can only go when these have another owner, or were deleted."
        value={heir}
        onChange={setHeir}
        options={[
          { value: "", label: "Nobody: they own none" },
          ...others.map((each) => ({ value: String(each.id), label: each.name || each.email })),
        ]}
      />
    </Confirm>
  );
}
