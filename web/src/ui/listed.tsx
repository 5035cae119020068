// A list that is read from the server, in each of its states: failed, on its way, empty, there, with more to come.
import type { ReactNode } from "react";
import type { List } from "../api/resource";
import { ErrorNotice, Skeleton } from "./basics";
import { ListEnd } from "./sort";

type ListedProps<T> = {
  list: List<T>;
  /** How many rows stand in while the first answer takes long. */
  rows?: number;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
};

export function Listed<T>({ list, rows = 4, empty, children }: ListedProps<T>) {
  const { data } = list;
  return (
    <>
      {list.error && <ErrorNotice error={list.error} retry={list.reload} />}
      {list.loading && <Skeleton rows={rows} />}
      {data?.length === 0 && empty}
      {data && data.length > 0 && children(data)}
      <ListEnd more={list.more} loading={list.loadingMore} load={list.loadMore} shown={data?.length ?? 0} />
    </>
  );
}
