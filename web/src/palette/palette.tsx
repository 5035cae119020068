// The palette: one input that leads to every page, source, document and action. The focus stays in the input.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { Highlight } from "../lib/marks";
import { type FoundHit, providerUrl, viewerPath } from "../pages/search/hit";
import { navigate } from "../router";
import { Icon, kindIcon } from "../ui/icon";
import { commandKey } from "../ui/keys";
import { type Command, fitting, type Group } from "./commands";
import { useCommands } from "./use-commands";
import { useDocuments } from "./use-documents";
import "./palette.css";

type Row = Omit<Command, "label"> & { label: ReactNode };

const HEADS: Partial<Record<Group, string>> = { Search: "" };
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

type PaletteProps = { onClose: () => void; showKeys: () => void };

export function Palette({ onClose, showKeys }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  /** Whether another page was chosen, which takes the focus itself. */
  const left = useRef(false);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const commands = useCommands(showKeys);
  const hits = useDocuments(typed);
  const rows = useMemo(() => rowsFor(commands, hits, typed), [commands, hits, typed]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === chosen),
  );

  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (!left.current && before instanceof HTMLElement) before.focus();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen row has to stay in view when rows change, too.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, rows]);

  const choose = (row: Row | undefined) => {
    if (!row) return;
    const here = location.href;
    onClose();
    row.run();
    left.current = location.href !== here;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = STEPS[event.key];
    if (step !== undefined && rows.length > 0) {
      const far = Math.abs(step) > 1;
      const next = far
        ? Math.max(0, Math.min(at + step, rows.length - 1))
        : (at + step + rows.length) % rows.length;
      setChosen(rows[next]?.id ?? null);
    } else if (event.key === "Enter") choose(rows[at]);
    else if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") onClose();
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself.
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Search or jump to"
      onCancel={(event) => {
        event.preventDefault();
        // One step back: first the text, then the palette.
        if (typed === "") onClose();
        else setTyped("");
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="palette-head">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Search or jump to"
          aria-autocomplete="list"
          aria-expanded={rows.length > 0}
          aria-controls={`${id}-rows`}
          aria-activedescendant={rows[at] ? `${id}-${at}` : undefined}
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          autoFocus
          maxLength={512}
          dir="auto"
          placeholder="Search or jump to …"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(null);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div ref={list} id={`${id}-rows`} className="palette-rows" role="listbox" aria-label="What fits">
        {inGroups(rows).map(({ group, from, members }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a listbox.
          <div key={group} role="group" aria-label={group}>
            {HEADS[group] !== "" && (
              <p className="palette-group" aria-hidden="true">
                {group}
              </p>
            )}
            {members.map((row, nth) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input.
              <div
                key={row.id}
                id={`${id}-${from + nth}`}
                role="option"
                aria-selected={from + nth === at}
                className="palette-row"
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(row)}
              >
                <Icon name={row.icon} />
                <span className="palette-label" dir="auto">
                  {row.label}
                </span>
                {row.detail && <span className="palette-detail">{row.detail}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="palette-foot">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> open
        </span>
        <span>
          <kbd>{commandKey("K")}</kbd> close
        </span>
      </p>
    </dialog>
  );
}

/** Commands first, then the way to the search page, then documents: what arrives late pushes nothing away. */
function rowsFor(commands: Command[], hits: FoundHit[], typed: string): Row[] {
  const query = typed.trim();
  const rows: Row[] = fitting(commands, typed);
  if (query === "") return rows;
  rows.push({
    id: "search",
    group: "Search",
    label: (
      <>
        Search everything for “<strong>{query}</strong>”
      </>
    ),
    icon: "search",
    run: () => navigate(`/?q=${encodeURIComponent(query)}`),
  });
  for (const hit of hits) {
    const outside = providerUrl(hit.url);
    rows.push({
      id: `document ${hit.objectID}`,
      group: "Documents",
      label: <Highlight value={hit._highlightResult?.title?.value || hit.title || "Without a title"} />,
      detail: hit.source,
      icon: kindIcon(hit.kind),
      run: () => {
        if (outside) window.open(outside, "_blank", "noopener,noreferrer");
        else navigate(viewerPath(hit.objectID, query));
      },
    });
  }
  return rows;
}

function inGroups(rows: Row[]): { group: Group; from: number; members: Row[] }[] {
  const groups: { group: Group; from: number; members: Row[] }[] = [];
  for (const [at, row] of rows.entries()) {
    const last = groups.at(-1);
    if (last?.group === row.group) last.members.push(row);
    else groups.push({ group: row.group, from: at, members: [row] });
  }
  return groups;
}
