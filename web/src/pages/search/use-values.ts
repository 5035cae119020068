// Which values a filter can have: those of the present hits at once, and those of everything, which the server knows.
import { useEffect, useRef, useState } from "react";
import { useFacets } from "./facets";
import { type Attribute, exactValue, type Filter, resolveValue } from "./operators";

export interface Values {
  /** The values for the operator that is being typed. */
  offered: string[];
  /** The value that a finished operator means. */
  meant: (filter: Filter) => Promise<string>;
}

export function useValues(pending: Filter | null): Values {
  const { facets, lookUp } = useFacets();
  const [found, setFound] = useState<{ attribute: Attribute; values: string[] } | null>(null);
  const latest = useRef(lookUp);
  latest.current = lookUp;
  const attribute = pending?.attribute;
  const typed = pending?.value;

  useEffect(() => {
    if (attribute === undefined || typed === undefined) return;
    let late = false;
    latest.current(attribute, typed).then(
      (values) => !late && setFound({ attribute, values }),
      // The values of the present hits are still offered.
      () => undefined,
    );
    return () => {
      late = true;
    };
  }, [attribute, typed]);

  const present = (of: Attribute | undefined): string[] =>
    facets.find((facet) => facet.attribute === of)?.values.map((each) => each.value) ?? [];
  const everywhere = found && found.attribute === attribute ? found.values : [];
  return {
    offered: [...new Set([...present(attribute), ...everywhere])],
    meant: async ({ attribute, value }) => {
      const known = present(attribute);
      const exact = exactValue(value, known);
      if (exact !== undefined) return exact;
      const values = await lookUp(attribute, value).catch(() => []);
      return resolveValue(value, [...known, ...values]);
    },
  };
}
