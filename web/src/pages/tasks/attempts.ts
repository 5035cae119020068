// How often a task was tried, in words.
import type { Task } from "../../api/types";

/** From here on the number means that there is no limit, and says nothing. */
const NO_LIMIT = 1000;

/** `2 of 20`; only `2` for a task that is tried for ever; `–` before the first attempt. */
export function attemptText({ attempt, max_attempts }: Pick<Task, "attempt" | "max_attempts">): string {
  if (max_attempts >= NO_LIMIT) return attempt === 0 ? "–" : String(attempt);
  return `${attempt} of ${max_attempts}`;
}
