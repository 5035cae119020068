// "Who can see this?": the rule for one document and one person, in words.
import { useState } from "react";
import { useAll, useResource } from "../api/resource";
import { useIsAdministrator, useSession } from "../api/session";
import type { Access, User } from "../api/types";
import { ErrorNotice, Skeleton } from "../ui/basics";
import { SelectField } from "../ui/form";
import { Icon } from "../ui/icon";
import { Dialog } from "../ui/overlay";

export function AccessDialog({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const own = useSession().session?.user?.id ?? 0;
  const administrator = useIsAdministrator();
  const people = useAll<User>(administrator ? "/users?limit=200" : null);
  const [user, setUser] = useState(String(own));
  const access = useResource<Access>(`/records/${encodeURIComponent(id)}/access?user=${user}`);
  return (
    <Dialog title="Who can see this?" onClose={onClose}>
      <p dir="auto" className="quiet-text">
        {title}
      </p>
      {administrator && (
        <SelectField
          label="Person"
          value={user}
          onChange={setUser}
          options={(people.data ?? []).map((each) => ({
            value: String(each.id),
            label: each.id === own ? `${each.name} (you)` : each.name || each.email,
          }))}
        />
      )}
      {access.error && <ErrorNotice error={access.error} retry={access.reload} />}
      {access.loading && <Skeleton rows={2} />}
      {access.data && (
        <div className="section" role="status">
          <p className={access.data.may_see ? "state success" : "state danger"}>
            <Icon name={access.data.may_see ? "check" : "close"} />
            <span>{access.data.may_see ? "May see it" : "May not see it"}, because</span>
          </p>
          <ul className="because">
            {access.data.because.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      {!administrator && <p className="hint">Administrators can ask this for everybody.</p>}
    </Dialog>
  );
}
