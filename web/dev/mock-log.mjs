// Invented lines of a log.
const SAID = [
  ["info", "full sync began"],
  ["info", "read page 3 of stream `files`: 120 records"],
  [
    "warn",
    "`Verträge/Geheimhaltungsvereinbarung-Lebensversicherungsgesellschaft.pdf` is encrypted with a password",
  ],
  ["info", "waiting until 14:05 for the limit of `API` (429 Too Many Requests)"],
  ["error", "the provider answered 503: `service unavailable` (https://api.example.org/v1/items?page=3)"],
  ["info", "full sync completed: 6,800 records seen, 12 changed, 1 removed"],
];
/** Lines of a log, the newest first. */
export const lines = (source) =>
  Array.from({ length: 60 }, (_, at) => {
    const [level, message] = SAID[at % SAID.length];
    return { id: at + 1, at: Date.now() - (60 - at) * 700_000, level, source, task: 9000 - at, message };
  }).reverse();
