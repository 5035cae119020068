// Numbers, sizes, durations and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

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

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60_000, "second"],
  [3_600_000, "minute"],
  [86_400_000, "hour"],
  [7 * 86_400_000, "day"],
  [30 * 86_400_000, "week"],
  [365 * 86_400_000, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];
const LENGTH: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

/** `2 days ago`, `in 5 min.`; within ten seconds it is `now`. */
export function ago(at: number, now: number): string {
  const distance = at - now;
  if (Math.abs(distance) < 10_000) return "now";
  const [, unit] = STEPS.find(([below]) => Math.abs(distance) < below) ?? [0, "year" as const];
  return relative.format(Math.round(distance / (LENGTH[unit] ?? 1)), unit);
}

export function exactTime(at: number): string {
  return exact.format(at);
}

/** The hour and minute, for something due today; otherwise with the date. */
export function clockTime(at: number, now: number): string {
  return Math.abs(at - now) < 20 * 3_600_000 ? clock.format(at) : exact.format(at);
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
