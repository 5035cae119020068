// Invented documents: every kind, long words, right-to-left names, markup in titles.
import { sources } from "./mock-data.mjs";

const now = Date.now();
const MIN = 60_000;

const WORDS =
  "invoice march budget finance meeting notes contract draft the for and with plan review customer project delivery schedule number payment account summary quarter team".split(
    " ",
  );
let seed = 7;
const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
const pick = (list) => list[Math.floor(random() * list.length)];

function body(kind) {
  if (kind === "sheet") {
    return [
      "Item\tAmount\tDate",
      ...Array.from(
        { length: 60 },
        (_, at) =>
          `${pick(WORDS)} ${pick(WORDS)}\t${(random() * 9000).toFixed(2)}\t2026-03-${String((at % 28) + 1).padStart(2, "0")}`,
      ),
    ].join("\n");
  }
  if (kind === "code") {
    return Array.from(
      { length: 80 },
      (_, at) =>
        `${"    ".repeat(at % 4)}fn ${pick(WORDS)}_${pick(WORDS)}(${pick(WORDS)}: &str) -> Result<(), Error> { todo(${at}) }`,
    ).join("\n");
  }
  const paragraphs = Array.from({ length: 24 }, () =>
    Array.from({ length: 50 }, () => pick(WORDS)).join(" "),
  );
  return paragraphs.join("\n\n");
}

const TITLES = [
  ["Invoice March 2026.pdf", "pdf", ["Ada Fisher"], "Finance / 2026"],
  ["Invoices", "sheet", ["Ada Fisher", "עדה כהן"], "Finance / 2026"],
  ["חשבונית מרץ 2026 – invoice", "docx", ["עדה כהן"], "כספים / 2026"],
  [
    "Rechtsschutzversicherungsgesellschaften-Vertragsverlängerungsbestätigungsschreiben-invoice.docx",
    "docx",
    ["Maximiliane-Friederike von Donaudampfschifffahrtsgesellschaftskapitän"],
    "Ablage / Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz / Entwürfe",
  ],
  ["invoice.rs", "code", ["محمد الأمين"], "src / billing"],
  ["Payment is late: invoice 4711 <b>not bold</b> & more", "issue", ["Ada Fisher"], "example/project"],
  ["Re: the march invoice", "mail", ["Bo"], null],
  ["Meeting notes", "markdown", [], "notes"],
  ["", "file", [], "a folder / without a title"],
];

export const documents = Array.from({ length: 214 }, (_, at) => {
  const [title, kind, people, path] = TITLES[at % TITLES.length];
  const source = sources[[0, 1, 1, 2, 2, 3, 0, 5, 6][at % 9]];
  return {
    objectID: String(at + 1),
    title: at < TITLES.length ? title : `${title} ${pick(WORDS)} ${at}`,
    kind,
    people: at % 11 === 10 ? [`Person ${at}`] : people,
    path,
    url: kind === "issue" ? `https://issues.example.org/${at}` : null,
    source: source.name,
    source_id: source.id,
    stream: "files",
    changed_at: now - at * at * 3 * MIN - MIN,
    body: body(kind),
  };
});
