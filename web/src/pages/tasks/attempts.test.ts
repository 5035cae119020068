// What is said of a task's attempts.
import { expect, test } from "vitest";
import { attemptText } from "./attempts";

test("a limit is named where there is one", () => {
  expect(attemptText({ attempt: 2, max_attempts: 20 })).toBe("2 of 20");
});

test("a number that means no limit is not shown", () => {
  expect(attemptText({ attempt: 3, max_attempts: 1_000_000 })).toBe("3");
  expect(attemptText({ attempt: 0, max_attempts: 1_000_000 })).toBe("–");
});
