// A log that is read again keeps the earlier lines, unless some are missing between.
import { expect, test } from "vitest";
import { joined, type Kept } from "./use-log";

const kept = (ids: number[], next: string | null = null, address = "/log"): Kept => ({
  address,
  next,
  lines: ids.map((id) => ({ id, at: id, level: "info", message: `line ${id}` })),
});

test("newer lines follow the ones that are shown", () => {
  expect(joined(kept([1, 2, 3], "earlier"), kept([3, 4, 5], "2"))).toEqual(kept([1, 2, 3, 4, 5], "earlier"));
  expect(joined(kept([1, 2, 3]), kept([2, 3]))).toEqual(kept([1, 2, 3]));
});

test("behind a gap, and for another log, only what was read is shown", () => {
  expect(joined(kept([1, 2, 3]), kept([7, 8], "7"))).toEqual(kept([7, 8], "7"));
  expect(joined(kept([1, 2, 3]), kept([2, 3], null, "/other"))).toEqual(kept([2, 3], null, "/other"));
  expect(joined(null, kept([1]))).toEqual(kept([1]));
});
