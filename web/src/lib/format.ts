// Numbers, sizes, durations and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockToTheSecond = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function count(n: number): string {
  return whole.format(n);
}

/** `1 file`, `2 files`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

const UNITS: [below: number, length: number, word: string][] = [
  [60_000, 1000, "s"],
  [3_600_000, 60_000, "min"],
  [86_400_000, 3_600_000, "h"],
  [14 * 86_400_000, 86_400_000, "d"],
  [60 * 86_400_000, 7 * 86_400_000, "wk"],
  [730 * 86_400_000, 30.44 * 86_400_000, "mo"],
  [Number.POSITIVE_INFINITY, 365.25 * 86_400_000, "y"],
];

/** `2 d ago`, `in 5 min`; within ten seconds it is `now`. What is to come is rounded: a week from now is 7 days. */
export function ago(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 10_000) return "now";
  const lengths = (length: number) => (at < now ? Math.floor : Math.round)(distance / length);
  const [, length, word] = UNITS.find(([below, length]) => lengths(length) * length < below) ?? [0, 1, "ms"];
  const amount = `${Math.max(1, lengths(length))} ${word}`;
  return at < now ? `${amount} ago` : `in ${amount}`;
}

/** How far a stream was read, as people read it: a single value without its braces, milliseconds as a time. */
export function cursorText(cursor: unknown): string {
  if (cursor === null || cursor === undefined) return "–";
  if (typeof cursor === "number") return cursor >= 1e12 && cursor < 1e13 ? exactTime(cursor) : String(cursor);
  if (typeof cursor === "object" && !Array.isArray(cursor)) {
    const [only, ...others] = Object.values(cursor);
    if (only !== undefined && others.length === 0) return cursorText(only);
  }
  if (typeof cursor !== "string") return JSON.stringify(cursor);
  try {
    return cursor.startsWith("{") ? cursorText(JSON.parse(cursor)) : cursor;
  } catch {
    return cursor;
  }
}

export function exactTime(at: number): string {
  return exact.format(at);
}

/** The hour and minute for something due today, with seconds if it is due at once; otherwise with the date. */
export function clockTime(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 2 * 60_000) return clockToTheSecond.format(at);
  return distance < 20 * 3_600_000 ? clock.format(at) : exact.format(at);
}

/** `850 ms`, `31 s`, `4 min 10 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 === 0 || min >= 10 ? `${min} min` : `${min} min ${s % 60} s`;
  const h = Math.floor(min / 60);
  if (h < 48) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  return `${Math.round(h / 24)} days`;
}

/** The first letters of a name, for a list of people. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}
