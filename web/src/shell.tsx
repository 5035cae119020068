// The frame around every page: the bar with the navigation, the theme, the keys.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useIsAdministrator, useSession } from "./api/session";
import { Link, navigate, usePath } from "./router";
import { IconButton } from "./ui/basics";
import { Icon } from "./ui/icon";
import { isTyping, type KeyHelp, KeyOverlay, useKeys } from "./ui/keys";
import { Menu, MenuItem, say } from "./ui/overlay";
import { setTheme, type Theme, useTheme } from "./ui/theme";

type ShellProps = {
  title: string;
  /** What stands in the bar's middle: the search page's input. */
  centre?: ReactNode;
  keys?: KeyHelp[];
  children: ReactNode;
  /** The search page fills the window and lays out itself. */
  bare?: boolean;
};

const NO_KEYS: KeyHelp[] = [];

/** Esc leads from a source to the sources, from those to the search. The search and the viewer have their own Esc. */
function stepBack(): void {
  const parts = location.pathname.split("/").filter(Boolean);
  if (parts.length === 0 || parts[0] === "view") return;
  if (location.pathname === "/sources/new" && location.search) navigate("/sources/new");
  else navigate(`/${parts.slice(0, -1).join("/")}`);
}

export function Shell({ title, centre, keys = NO_KEYS, children, bare }: ShellProps) {
  const path = usePath();
  const main = useRef<HTMLElement>(null);
  const [help, setHelp] = useState(false);
  useEffect(() => {
    document.title = title === "Fossick" ? title : `${title} · Fossick`;
  }, [title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new page takes the focus, unless it placed it itself.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path]);
  useKeys((event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "Escape") {
      if (isTyping(event.target)) (event.target as HTMLElement).blur();
      else if (!document.querySelector("[popover]:popover-open")) stepBack();
      return;
    }
    if (isTyping(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      setHelp(true);
    } else if (event.key === "/" && path !== "/") {
      event.preventDefault();
      navigate("/");
    }
  });
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className={centre ? "topbar searching" : "topbar"}>
        <Link className="brand" to="/" aria-label="Fossick, to the search">
          <Icon name="search" />
          <span className="brand-name">Fossick</span>
        </Link>
        <div className="centre">{centre}</div>
        <nav className="nav" aria-label="Pages">
          <NavLinks searching={Boolean(centre)} />
        </nav>
        <div className="topbar-end">
          <IconButton
            icon="help"
            label="Keys of this page"
            className="not-on-phones"
            onClick={() => setHelp(true)}
          />
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
      <main id="main" ref={main} tabIndex={-1} className={bare ? undefined : "page"}>
        {children}
      </main>
      {help && <KeyOverlay page={keys} onClose={() => setHelp(false)} />}
    </>
  );
}

function NavLinks({ menu, searching }: { menu?: boolean; searching?: boolean }) {
  const path = usePath();
  const administrator = useIsAdministrator();
  const links: [string, string][] = [
    ...(searching ? [] : ([["/", "Search"]] as [string, string][])),
    ["/sources", "Sources"],
    ...(administrator
      ? ([
          ["/tasks", "Tasks"],
          ["/people", "People"],
        ] as [string, string][])
      : []),
    ["/keys", "API keys"],
  ];
  return links.map(([to, text]) => (
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

const THEMES: { theme: Theme; word: string; icon: "sun" | "moon" | "screen" }[] = [
  { theme: "light", word: "Light", icon: "sun" },
  { theme: "dark", word: "Dark", icon: "moon" },
  { theme: "system", word: "As the system", icon: "screen" },
];

export function ThemeMenu({ className }: { className?: string }) {
  const theme = useTheme();
  const icon = THEMES.find((each) => each.theme === theme)?.icon ?? "screen";
  return (
    <Menu label="" name="Theme" icon={icon} className={className}>
      {(close) => <ThemeItems close={close} />}
    </Menu>
  );
}

function ThemeItems({ close }: { close: () => void }) {
  const theme = useTheme();
  return THEMES.map((each) => (
    <MenuItem
      key={each.theme}
      icon={each.icon}
      current={each.theme === theme}
      onSelect={() => {
        setTheme(each.theme);
        close();
      }}
    >
      {each.word}
    </MenuItem>
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
