// The bar: where one is, where one can go, and the menus of the person.
import { useIsAdministrator, useSession } from "../api/session";
import { Link, usePath } from "../router";
import { IconButton } from "../ui/basics";
import { Icon } from "../ui/icon";
import { commandKey } from "../ui/keys";
import { Menu, MenuItem, say } from "../ui/overlay";
import { ThemeItems, ThemeMenu } from "../ui/theme-menu";

type BarProps = {
  searching: boolean;
  slot: (place: HTMLElement | null) => void;
  showKeys: () => void;
  showPalette: () => void;
};

export function TopBar({ searching, slot, showKeys, showPalette }: BarProps) {
  return (
    <header className={searching ? "topbar searching" : "topbar"}>
      <Link className="brand" to="/" aria-label="Fossick, to the search">
        <Icon name="search" />
        <span className="brand-name">Fossick</span>
      </Link>
      <div className="centre">
        <div ref={slot} />
        {!searching && (
          <button type="button" className="jump" onClick={showPalette}>
            <Icon name="search" />
            <span>Search or jump to …</span>
            <kbd>{commandKey("K")}</kbd>
          </button>
        )}
      </div>
      <nav className="nav" aria-label="Pages">
        <NavLinks searching={searching} />
      </nav>
      <div className="topbar-end">
        <IconButton icon="help" label="Keys of this page" className="not-on-phones" onClick={showKeys} />
        <ThemeMenu className="not-on-phones" />
        <AccountMenu />
        <Menu label="" name="Pages" icon="menu" className="nav-menu">
          {(close) => (
            <>
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click, too. */}
              <nav aria-label="Pages" onClick={close}>
                <NavLinks menu />
              </nav>
              <hr className="only-on-phones" />
              <div className="only-on-phones">
                <ThemeItems close={close} />
              </div>
            </>
          )}
        </Menu>
      </div>
    </header>
  );
}

type PageLink = [path: string, name: string];
const EVERYBODYS: PageLink[] = [
  ["/", "Search"],
  ["/sources", "Sources"],
  ["/keys", "API keys"],
];
const ADMINISTRATORS: PageLink[] = [
  ["/", "Search"],
  ["/sources", "Sources"],
  ["/tasks", "Tasks"],
  ["/people", "People"],
  ["/keys", "API keys"],
];

/** The pages that the person may open: address and name. */
export function usePages(): PageLink[] {
  return useIsAdministrator() ? ADMINISTRATORS : EVERYBODYS;
}

function NavLinks({ menu, searching }: { menu?: boolean; searching?: boolean }) {
  const path = usePath();
  return usePages()
    .filter(([to]) => !(searching && to === "/"))
    .map(([to, text]) => (
      <Link
        key={to}
        to={to}
        className={menu ? "menu-item" : undefined}
        aria-current={path === to || (to !== "/" && path.startsWith(`${to}/`)) ? "page" : undefined}
      >
        {text}
      </Link>
    ));
}

function AccountMenu() {
  const { session, signOut } = useSession();
  const user = session?.user;
  if (!user) return null;
  return (
    <Menu label="" name={`Account of ${user.name}`} icon="user">
      {() => (
        <>
          <div className="menu-note">
            <strong>{user.name}</strong>
            <div className="quiet-text small">{user.email}</div>
            <div className="quiet-text small">
              {user.role === "administrator" ? "Administrator" : "Member"} · Fossick {session.version}
            </div>
          </div>
          <hr />
          <a className="menu-item" href="/docs">
            API documentation
          </a>
          <MenuItem
            onSelect={() => signOut().catch(() => say("Signing out did not work; try again", "failed"))}
          >
            Sign out
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
