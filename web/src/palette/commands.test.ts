// Which commands the palette offers for what was typed.
import { expect, test } from "vitest";
import { type Command, fitting, type Group } from "./commands";

const command = (group: Group, label: string, more: Partial<Command> = {}): Command => ({
  id: `${group} ${label}`,
  group,
  label,
  icon: "file",
  run: () => undefined,
  ...more,
});

const ALL = [
  command("Pages", "Search"),
  command("Pages", "Sources"),
  command("Pages", "People", { also: "users accounts members" }),
  command("Sources", "Finance drive"),
  command("Sources", "Émile’s wiki"),
  command("Actions", "Dark theme", { also: "night" }),
  command("Actions", "Sync Finance drive", { onRequest: true }),
];
const labels = (typed: string) => fitting(ALL, typed).map((each) => each.label);

test("nothing typed offers everything in its order, but not what is only on request", () => {
  expect(labels("  ")).toEqual(ALL.slice(0, 6).map((each) => each.label));
});

test("the beginning of a name fits better than the beginning of a word in it", () => {
  expect(labels("s")[0]).toBe("Search");
  expect(labels("dr")).toEqual(["Finance drive", "Sync Finance drive"]);
});

test("every typed word must fit, in any order, without regard to case and accents", () => {
  expect(labels("drive sync")).toEqual(["Sync Finance drive"]);
  expect(labels("EMI")).toEqual(["Émile’s wiki"]);
  expect(labels("drive elephants")).toEqual([]);
});

test("another name finds it, after those that are called so", () => {
  expect(labels("night")).toEqual(["Dark theme"]);
  expect(labels("acc")).toEqual(["People"]);
});

test("one or two letters inside of a word say too little", () => {
  expect(labels("ia")).toEqual([]);
  expect(labels("inan")).toEqual(["Finance drive", "Sync Finance drive"]);
});

test("a group stays together", () => {
  const groups = fitting(ALL, "s").map((each) => each.group);
  expect(groups).toEqual(["Pages", "Pages", "Actions"]);
});
