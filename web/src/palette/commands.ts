// What the palette offers, and which of it fits what was typed.
import type { IconName } from "../ui/icon";

export type Group = "Pages" | "Sources" | "Actions" | "Search" | "Documents";

export interface Command {
  id: string;
  group: Group;
  label: string;
  /** What else it is called; found, not shown. */
  also?: string;
  /** Shown at the end of the row. */
  detail?: string;
  icon: IconName;
  /** Offered only once something was typed, so that the first look stays short. */
  onRequest?: boolean;
  run: () => void;
}

const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const wordsOf = (text: string): string[] =>
  fold(text)
    .split(/[\s/._:-]+/u)
    .filter(Boolean);

/** How well one typed word fits: 0 is not at all. */
function pointsOf(word: string, label: string, labelWords: string[], otherWords: string[]): number {
  if (label.startsWith(word)) return 4;
  if (labelWords.some((each) => each.startsWith(word))) return 3;
  if (otherWords.some((each) => each.startsWith(word))) return 2;
  return word.length > 2 && label.includes(word) ? 1 : 0;
}

function score(command: Command, words: string[]): number {
  const label = fold(command.label);
  const labelWords = wordsOf(command.label);
  const otherWords = wordsOf(command.also ?? "");
  let sum = 0;
  for (const word of words) {
    const points = pointsOf(word, label, labelWords, otherWords);
    if (points === 0) return 0;
    sum += points;
  }
  // Of equals the shorter name is the one that was meant.
  return sum / words.length + 1 / (1 + label.length);
}

/**
 * The commands that fit, the best first, each group together where its best one stands. Nothing typed offers all but
 * those on request, in the order given.
 */
export function fitting(commands: readonly Command[], typed: string): Command[] {
  const words = wordsOf(typed);
  if (words.length === 0) return commands.filter((command) => !command.onRequest);
  const scored = commands
    .map((command) => ({ command, points: score(command, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  const groups = new Set(scored.map(({ command }) => command.group));
  return [...groups].flatMap((group) =>
    scored.filter(({ command }) => command.group === group).map(({ command }) => command),
  );
}
