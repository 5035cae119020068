// The clock of the page's relative times.
import { expect, test, vi } from "vitest";
import { readClock, watchClock } from "./clock";

test("whoever watches again after a while reads the time of now", () => {
  vi.useFakeTimers();
  watchClock(() => undefined)();
  vi.advanceTimersByTime(600_000);
  expect(readClock()).toBe(Date.now());
  vi.advanceTimersByTime(9_000);
  const stop = watchClock(() => undefined);
  expect(readClock()).toBe(Date.now());
  vi.advanceTimersByTime(10_000);
  expect(readClock()).toBe(Date.now());
  stop();
  vi.useRealTimers();
});
