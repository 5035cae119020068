// People: users, groups, invitations and reset links to hand over.

import { useIsAdministrator } from "../../api/session";
import { Link, useParam } from "../../router";
import { Shell } from "../../shell";
import { Empty } from "../../ui/basics";
import { GroupsTab } from "./groups-tab";
import { UsersTab } from "./users-tab";
import "./people.css";

export default function PeoplePage(_: { params: Record<string, string> }) {
  const [tab] = useParam("tab");
  if (!useIsAdministrator()) {
    return (
      <Shell title="People">
        <h1>People</h1>
        <Empty title="People are for administrators">
          <p>Ask one of them for an invitation or a group.</p>
        </Empty>
      </Shell>
    );
  }
  return (
    <Shell title="People">
      <h1>People</h1>
      <nav className="tabs" aria-label="People">
        <Link to="/people" aria-current={tab === "groups" ? undefined : "page"}>
          Users
        </Link>
        <Link to="/people?tab=groups" aria-current={tab === "groups" ? "page" : undefined}>
          Groups
        </Link>
      </nav>
      {tab === "groups" ? <GroupsTab /> : <UsersTab />}
    </Shell>
  );
}
