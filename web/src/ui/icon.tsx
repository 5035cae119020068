// Line icons, 16 by 16, drawn in the text's colour. They stand beside words; alone they need a label.

const PATHS = {
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5l3 3",
  close: "m4 4 8 8m0-8-8 8",
  check: "m3 8.5 3.5 3.5L13 5",
  sync: "M13 8a5 5 0 0 1-9 3m-1-3a5 5 0 0 1 9-3m.5-2.5V5.500H10M3.500 13.500v-3H6.500",
  clock: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M8 5v3.200l2 1.300",
  alert: "M8 2.500 14 13H2zM8 6.500v3m0 1.800v.1",
  pause: "M5.500 3.500v9m5-9v9",
  dots: "M3 7.6a.4.4 0 1 0 0 .8.4.4 0 1 0 0-.8M8 7.6a.4.4 0 1 0 0 .8.4.4 0 1 0 0-.8M13 7.6a.4.4 0 1 0 0 .8.4.4 0 1 0 0-.8",
  play: "M5 3.500v9l7-4.500z",
  sun: "M8 5.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5M8 1.500v1.500m0 10v1.500M1.500 8H3m10 0h1.500M3.400 3.400l1.100 1.100m7 7 1.100 1.100m0-9.200-1.100 1.100m-7 7-1.100 1.100",
  moon: "M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500",
  screen: "M2.500 3.500h11v7.500h-11zM6 13.500h4",
  help: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M6.200 6.300a1.800 1.800 0 1 1 2.600 1.600c-.5.300-.8.600-.8 1.100v.3m0 1.700v.1",
  menu: "M2.500 4.500h11m-11 3.500h11m-11 3.500h11",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  up: "m4 10 4-4 4 4",
  back: "M13 8H3.500m4-4-4 4 4 4",
  copy: "M5.500 5.500h7.500v8H5.500zM3.500 10.500h-1v-8H10v1.500",
  link: "M6.500 9.500 9.500 6.500M7 4.500l1.300-1.300a3 3 0 0 1 4.300 4.300L11.300 8.800M9 11.500l-1.300 1.300a3 3 0 0 1-4.300-4.300l1.300-1.300",
  open: "M9.500 2.500h4v4m0-4-6 6M11.500 9.500v4h-9v-9h4",
  download: "M8 2.500v7.500m-3-3 3 3 3-3M2.500 13.500h11",
  plus: "M8 3v10M3 8h10",
  trash: "M3 4.500h10M6.500 4.500v-2h3v2m-5 0 .5 9h6l.5-9",
  user: "M8 2.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5M3 13.500c.5-2.700 2.500-4 5-4s4.500 1.300 5 4",
  eye: "M1.500 8S4 3.800 8 3.800 14.500 8 14.500 8 12 12.200 8 12.200 1.500 8 1.500 8M8 6.300a1.700 1.700 0 1 1 0 3.400 1.700 1.700 0 0 1 0-3.400",
  file: "M4 1.500h5l3.500 3.500v9.500H4zM9 1.500V5h3.500",
  text: "M4 1.500h5l3.500 3.500v9.500H4zM6 7h4.500M6 9.500h4.500M6 12h2.500",
  sheet: "M2.500 3h11v10h-11zM2.500 6.500h11M2.500 10h11M6.500 3v10",
  slides: "M2 3.500h12v8H2zM8 11.500v2.500M5 14h6",
  code: "m5.500 4.500-3.500 3.500 3.500 3.500m5-7 3.500 3.500-3.500 3.500",
  mail: "M2 3.500h12v9H2zM2 4l6 5 6-5",
  image: "M2 3h12v10H2zM2 11l3.500-3.500 3 3 2-2L14 12M10.500 5.500v.1",
  web: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M2 8h12M8 2c2 1.800 2.500 4 2.500 6S10 12.200 8 14C6 12.200 5.500 10 5.500 8S6 3.800 8 2",
  data: "M6 2.500c-2 0-1.500 2-1.500 3S4 8 3 8c1 0 1.500 1.500 1.500 2.500s-.5 3 1.500 3m4-11c2 0 1.500 2 1.500 3S12 8 13 8c-1 0-1.500 1.500-1.500 2.500s.5 3-1.500 3",
  issue: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 7v2",
  card: "M2.500 3h11v10h-11zM5 6h6M5 8.500h3.500",
  chat: "M2 3h12v8H7.500L4.500 13.500V11H2z",
  archive: "M2 3h12v3H2zM3 6v7.500h10V6M6.500 8.500h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, label }: { name: IconName; label?: string }) {
  const reading = label ? { role: "img", "aria-label": label } : { "aria-hidden": true as const };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: an icon beside words is decoration, alone it has a label.
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" {...reading}>
      <path d={PATHS[name]} />
    </svg>
  );
}

const KINDS: [RegExp, IconName][] = [
  [/^(pdf|docx?|odt|rtf|text|txt|markdown|md|document|page|note)$/, "text"],
  [/^(xlsx?|csv|tsv|sheet|spreadsheet|ods)$/, "sheet"],
  [/^(pptx?|slides|presentation|odp)$/, "slides"],
  [/^(code|rust|python|source|script|commit|repository)$/, "code"],
  [/^(mail|email|eml|message)$/, "mail"],
  [/^(image|png|jpe?g|svg|photo)$/, "image"],
  [/^(html?|web|website|link)$/, "web"],
  [/^(json|yaml|toml|xml|data|record)$/, "data"],
  [/^(issue|ticket|bug|pull.?request)$/, "issue"],
  [/^(card|task|board)$/, "card"],
  [/^(chat|comment|conversation|thread)$/, "chat"],
  [/^(zip|tar|archive)$/, "archive"],
];

/** The icon of a document's kind; an unknown kind is a file. */
export function kindIcon(kind: string): IconName {
  const word = kind.toLowerCase();
  return KINDS.find(([pattern]) => pattern.test(word))?.[1] ?? "file";
}
