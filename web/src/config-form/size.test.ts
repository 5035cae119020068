// Sizes in the unit that fits them.
import { expect, test } from "vitest";
import { factorOf, unitFor } from "./size";

test("a size is shown in the largest unit that leaves nothing over", () => {
  expect(unitFor(64 * 2 ** 20)).toBe("MiB");
  expect(unitFor(2 ** 30)).toBe("GiB");
  expect(unitFor(1536)).toBe("bytes");
  expect(unitFor(3 * 2 ** 10)).toBe("KiB");
  expect(unitFor(0)).toBe("bytes");
});

test("a unit stands for as many bytes as it says", () => {
  expect(factorOf("MiB")).toBe(1_048_576);
  expect(factorOf("bytes")).toBe(1);
});
