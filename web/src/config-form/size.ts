// Sizes as people give them: a number and a unit.

export const UNITS = [
  { unit: "bytes", factor: 1 },
  { unit: "KiB", factor: 2 ** 10 },
  { unit: "MiB", factor: 2 ** 20 },
  { unit: "GiB", factor: 2 ** 30 },
] as const;

export type Unit = (typeof UNITS)[number]["unit"];

export const factorOf = (unit: Unit): number => UNITS.find((each) => each.unit === unit)?.factor ?? 1;

/** The largest unit in which the size is a whole number. */
export function unitFor(bytes: number): Unit {
  const fitting = UNITS.findLast(({ factor }) => bytes >= factor && bytes % factor === 0);
  return fitting?.unit ?? "bytes";
}
