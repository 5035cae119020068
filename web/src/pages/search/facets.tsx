// The filters: which there are, how many hits each has, and what is chosen. Shown as a rail or as chips.
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { useInstantSearch, useRefinementList, useSearchBox } from "react-instantsearch";
import { useParam } from "../../router";
import { Num } from "../../ui/basics";
import { Icon } from "../../ui/icon";
import { Menu } from "../../ui/overlay";
import { CHANGED } from "./changed";
import type { Attribute, Filter } from "./operators";

interface FacetValue {
  value: string;
  count: number;
  chosen: boolean;
}

interface Facet {
  attribute: Attribute;
  title: string;
  values: FacetValue[];
  toggle: (value: string) => void;
}

interface Facets {
  facets: Facet[];
  chosen: Filter[];
  total: number;
  /** Whether there was an answer yet. */
  known: boolean;
  toggle: (filter: Filter) => void;
  /** Removes every filter, the one by time included. */
  clear: () => void;
  changed: string | null;
  setChanged: (value: string | null) => void;
  /** The search's text, and how to search for another. */
  query: string;
  search: (query: string) => void;
  /** Values of a filter that fit what was typed, whether or not they are in the present hits. */
  lookUp: (attribute: Attribute, typed: string) => Promise<string[]>;
}

const Context = createContext<Facets | null>(null);
const SORT = ["count:desc" as const, "name:asc" as const];
const SHOWN = 8;

function useFacet(attribute: Attribute, title: string): Facet {
  const { items, refine } = useRefinementList({ attribute, operator: "or", limit: 100, sortBy: SORT });
  return useMemo(
    () => ({
      attribute,
      title,
      toggle: refine,
      values: items.map((item) => ({ value: item.value, count: item.count, chosen: item.isRefined })),
    }),
    [attribute, title, items, refine],
  );
}

/** Holds the filters whether or not they are in view, so that folding the rail keeps them. */
export function FacetProvider({ lookUp, children }: Pick<Facets, "lookUp"> & { children: ReactNode }) {
  const source = useFacet("source", "Source");
  const kind = useFacet("kind", "Kind");
  const people = useFacet("people", "People");
  const { query, refine: search } = useSearchBox();
  const { results, indexUiState, setIndexUiState } = useInstantSearch();
  const [changed, setChanged] = useParam("changed");
  const refinements = indexUiState.refinementList;

  const value = useMemo<Facets>(() => {
    const facets = [source, kind, people];
    const chosen = facets.flatMap(({ attribute }) =>
      (refinements?.[attribute] ?? []).map((each) => ({ attribute, value: each })),
    );
    return {
      facets,
      chosen,
      total: results.nbHits ?? 0,
      known: (results as { __isArtificial?: boolean }).__isArtificial !== true,
      toggle: (filter) => facets.find((facet) => facet.attribute === filter.attribute)?.toggle(filter.value),
      clear: () => {
        setChanged(null);
        setIndexUiState((state) => ({ ...state, refinementList: {} }));
      },
      changed,
      setChanged,
      query,
      search,
      lookUp,
    };
  }, [
    source,
    kind,
    people,
    refinements,
    results,
    changed,
    setChanged,
    query,
    search,
    lookUp,
    setIndexUiState,
  ]);
  return <Context value={value}>{children}</Context>;
}

export function useFacets(): Facets {
  const facets = useContext(Context);
  if (!facets) throw new Error("useFacets is called outside of FacetProvider");
  return facets;
}

export function Rail() {
  const { facets, total, chosen, changed, clear, known } = useFacets();
  const all = chosen.length === 0 && changed === null;
  if (!known) return <aside className="rail" aria-label="Filters" />;
  return (
    <aside className="rail" aria-label="Filters">
      <button type="button" className="facet-value" aria-pressed={all} onClick={clear}>
        <span>All</span>
        <Num n={total} />
      </button>
      {facets.map((facet) => (
        <section key={facet.attribute}>
          <h2>{facet.title}</h2>
          <FacetValues facet={facet} />
        </section>
      ))}
      <section>
        <h2>Changed</h2>
        <ChangedValues />
      </section>
    </aside>
  );
}

/** The rail folded into one row of buttons, for narrow windows. */
export function FacetChips() {
  const { facets, changed } = useFacets();
  const changedLabel = CHANGED.find((each) => each.value === changed)?.label ?? "Changed";
  return (
    <fieldset className="facet-chips" aria-label="Filters">
      {facets.map((facet) => {
        const count = facet.values.filter((each) => each.chosen).length;
        return (
          <Menu
            key={facet.attribute}
            align="start"
            label={count > 0 ? `${facet.title} (${count})` : facet.title}
          >
            {() => <FacetValues facet={facet} />}
          </Menu>
        );
      })}
      <Menu align="start" label={changedLabel}>
        {(close) => <ChangedValues done={close} />}
      </Menu>
    </fieldset>
  );
}

function FacetValues({ facet }: { facet: Facet }) {
  const [all, setAll] = useState(false);
  const shown = all ? facet.values : facet.values.slice(0, SHOWN);
  if (facet.values.length === 0) return <p className="facet-none">None in these hits</p>;
  return (
    <ul>
      {shown.map((each) => (
        <li key={each.value}>
          <button
            type="button"
            className="facet-value"
            aria-pressed={each.chosen}
            onClick={() => facet.toggle(each.value)}
          >
            <Tick on={each.chosen} />
            <span dir="auto" title={each.value}>
              {each.value}
            </span>
            <Num n={each.count} />
          </button>
        </li>
      ))}
      {facet.values.length > SHOWN && (
        <li>
          <button type="button" className="facet-value more" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Fewer" : `${facet.values.length - SHOWN} more`}
          </button>
        </li>
      )}
    </ul>
  );
}

function ChangedValues({ done }: { done?: () => void }) {
  const { changed, setChanged } = useFacets();
  return (
    <ul>
      {CHANGED.map((each) => (
        <li key={each.value}>
          <button
            type="button"
            className="facet-value"
            aria-pressed={changed === each.value}
            onClick={() => {
              setChanged(changed === each.value ? null : each.value);
              done?.();
            }}
          >
            <Tick on={changed === each.value} />
            <span>{each.label}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Tick({ on }: { on: boolean }) {
  return <span className="tick">{on && <Icon name="check" />}</span>;
}
