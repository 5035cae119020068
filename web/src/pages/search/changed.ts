// The filter by time of the last change: a closed set of words.

export const CHANGED: { value: string; label: string; days: number }[] = [
  { value: "day", label: "Past 24 hours", days: 1 },
  { value: "week", label: "Past week", days: 7 },
  { value: "month", label: "Past month", days: 31 },
  { value: "year", label: "Past year", days: 366 },
];

/** The earliest time that passes, UTC milliseconds, in whole minutes so that redrawing asks nothing new. */
export function changedSince(value: string | null, now: number): number | null {
  const chosen = CHANGED.find((each) => each.value === value);
  if (!chosen) return null;
  const minute = 60_000;
  return Math.floor(now / minute) * minute - chosen.days * 86_400_000;
}
