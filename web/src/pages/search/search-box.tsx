// The one input: text, operators that become chips, and the completion of an operator.
import {
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useInstantSearch } from "react-instantsearch";
import { IconButton } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { CHANGED } from "./changed";
import { useFacets } from "./facets";
import { completions, type Filter, OPERATOR_OF, parseOperators } from "./operators";
import { useValues } from "./use-values";

export interface BoxHandle {
  /** Empties the box, an operator that is being typed included. */
  clear: () => void;
}

type BoxProps = {
  input: RefObject<HTMLInputElement | null>;
  handle: Ref<BoxHandle>;
  /** The id of the selected row, for readers. */
  active: string | undefined;
};

export function SearchBox({ input, handle, active }: BoxProps) {
  const { chosen, toggle, query, search, changed, setChanged } = useFacets();
  const { status } = useInstantSearch();
  const [text, setText] = useState(query);
  const [choice, setChoice] = useState(0);
  const [closed, setClosed] = useState(false);
  const asked = useRef(query);
  const failed = useRef(false);
  failed.current = status === "error";
  const id = useId();

  // The address bar went back or forth: the input follows. After a failure the query is the last one that was answered,
  // and what was typed stays.
  useEffect(() => {
    if (query === asked.current || failed.current) return;
    asked.current = query;
    setText(query);
  }, [query]);

  const { pending, query: rest } = parseOperators(text);
  const values = useValues(pending);
  const latest = useRef(chosen);
  latest.current = chosen;

  const add = async ({ attribute, value: typed }: Filter) => {
    const value = await values.meant({ attribute, value: typed });
    const isThere = latest.current.some((each) => each.attribute === attribute && each.value === value);
    // Without its input the page was left meanwhile.
    if (!isThere && input.current) toggle({ attribute, value });
  };

  const type = (typed: string) => {
    const parsed = parseOperators(typed);
    setText(parsed.text);
    setChoice(0);
    setClosed(false);
    for (const filter of parsed.filters) add(filter);
    if (parsed.query !== asked.current) {
      asked.current = parsed.query;
      search(parsed.query);
    }
  };

  useImperativeHandle(handle, () => ({ clear: () => type("") }));

  const isChosen = (value: string) =>
    chosen.some((each) => each.attribute === pending?.attribute && each.value === value);
  const free = pending && !closed ? values.offered.filter((value) => !isChosen(value)) : [];
  const offered = pending ? completions(pending.value, free).slice(0, 8) : [];
  const complete = (value: string) => {
    if (!pending) return;
    add({ attribute: pending.attribute, value });
    setText(rest === "" ? "" : `${rest} `);
    input.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Backspace" && event.currentTarget.selectionEnd === 0) {
      const last = chosen.at(-1);
      if (last) toggle(last);
    } else if (pending && !closed && completionKey(event.key)) event.preventDefault();
  };

  /** What a key does to the completion; answers whether it was one of its keys. */
  const completionKey = (key: string): boolean => {
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (key === "Escape" && offered.length > 0) setClosed(true);
    else if (step !== 0 && offered.length > 0) setChoice((choice + step + offered.length) % offered.length);
    else if (key === "Enter" || (key === "Tab" && offered.length > 0)) {
      const value = offered[choice] ?? pending?.value ?? "";
      if (value === "") return false;
      complete(value);
    } else return false;
    return true;
  };

  const changedLabel = CHANGED.find((each) => each.value === changed)?.label;
  const completing = offered.length > 0;
  return (
    <search className="search-box">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        role="combobox"
        aria-label="Search"
        aria-autocomplete="list"
        aria-expanded={completing || active !== undefined}
        aria-controls={completing ? `${id}-values` : active && "hits"}
        aria-activedescendant={completing ? `${id}-value-${choice}` : active}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        autoFocus
        maxLength={512}
        placeholder="Search everything"
        dir="auto"
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => setTimeout(() => document.activeElement !== input.current && setClosed(true), 150)}
      />
      {text !== "" && (
        <IconButton
          icon="close"
          label="Clear the text"
          onClick={() => {
            type("");
            input.current?.focus();
          }}
        />
      )}
      <ul className="chips" aria-label="Filters in use">
        {chosen.map((filter) => (
          <Chip
            key={`${filter.attribute}:${filter.value}`}
            text={`${OPERATOR_OF[filter.attribute]}:${filter.value}`}
            remove={() => toggle(filter)}
          />
        ))}
        {changedLabel && <Chip text={changedLabel} remove={() => setChanged(null)} />}
      </ul>
      {completing && pending && (
        <div className="completion" id={`${id}-values`} role="listbox" aria-label="Completions">
          {offered.map((value, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input.
            <div
              key={value}
              id={`${id}-value-${at}`}
              role="option"
              aria-selected={at === choice}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => complete(value)}
            >
              <span className="quiet-text">{OPERATOR_OF[pending.attribute]}:</span>
              <span dir="auto">{value}</span>
            </div>
          ))}
        </div>
      )}
    </search>
  );
}

function Chip({ text, remove }: { text: string; remove: () => void }) {
  return (
    <li>
      <button type="button" className="chip" onClick={remove} aria-label={`Remove the filter ${text}`}>
        <span dir="auto">{text}</span>
        <Icon name="close" />
      </button>
    </li>
  );
}
