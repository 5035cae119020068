// Sorting a table by a column; the choice lives in the address bar.
import { type ReactNode, useMemo } from "react";
import { useParam } from "../router";
import { Icon } from "./icon";

export type SortKey<T> = (row: T) => string | number | null | undefined;

/** The rows in the order that `?sort=` asks for: a column's name, with `-` before it for the other way round. */
export function useSorted<T>(rows: T[] | undefined, keys: Record<string, SortKey<T>>, first: string) {
  const [param, setParam] = useParam("sort");
  const wanted = param ?? first;
  const down = wanted.startsWith("-");
  const column = down ? wanted.slice(1) : wanted;
  const sorted = useMemo(() => {
    const key = keys[column];
    if (!rows || !key) return rows;
    const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
    return [...rows].sort((a, b) => {
      const [x, y] = [key(a) ?? "", key(b) ?? ""];
      const order =
        typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y));
      return down ? -order : order;
    });
  }, [rows, keys, column, down]);
  const head = (name: string, label: ReactNode, className?: string) => (
    <th
      key={name}
      className={className}
      scope="col"
      aria-sort={name === column ? (down ? "descending" : "ascending") : undefined}
    >
      <button type="button" onClick={() => setParam(name === column && !down ? `-${name}` : name)}>
        {label}
        {name === column && <Icon name={down ? "down" : "up"} />}
      </button>
    </th>
  );
  return { sorted, head };
}

/** The end of a cursor list: how much is shown, and the rest on request. */
export function ListEnd({
  more,
  loading,
  load,
  shown,
}: {
  more: boolean;
  loading: boolean;
  load: () => void;
  shown: number;
}) {
  if (!more) return null;
  return (
    <div className="list-end">
      <button type="button" className="button" onClick={load} disabled={loading}>
        Show more
      </button>
      <span className="quiet-text">{shown} shown</span>
    </div>
  );
}
