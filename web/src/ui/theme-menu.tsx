// The choice of the theme: a menu of its own, and its items for other menus.
import type { IconName } from "./icon";
import { Menu, MenuItem } from "./overlay";
import { setTheme, type Theme, useTheme } from "./theme";

export const THEMES: { theme: Theme; word: string; icon: IconName }[] = [
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

export function ThemeItems({ close }: { close: () => void }) {
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
