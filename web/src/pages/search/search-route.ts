// The search in the address bar: `/?q=invoice&in=Drive&kind=pdf&from=Ada`, so that any view can be sent on.
import { navigate, watchLocation } from "../../router";
import { type Attribute, OPERATOR_OF } from "./operators";

/** The part of InstantSearch's state that we keep, per index. */
type UiState = Record<string, { query?: string; refinementList?: Record<string, string[]> }>;

export interface SearchRoute {
  q: string;
  filters: Partial<Record<Attribute, string[]>>;
}

const ATTRIBUTES: Attribute[] = ["source", "kind", "people"];

export function readRoute(search: string): SearchRoute {
  const params = new URLSearchParams(search);
  const filters: SearchRoute["filters"] = {};
  for (const attribute of ATTRIBUTES) {
    const values = params.getAll(OPERATOR_OF[attribute]).filter(Boolean);
    if (values.length > 0) filters[attribute] = values;
  }
  return { q: params.get("q") ?? "", filters };
}

/** The path of a search; what else stands in the query string is kept. */
export function routePath(route: SearchRoute, search: string): string {
  const params = new URLSearchParams(search);
  params.delete("q");
  for (const attribute of ATTRIBUTES) params.delete(OPERATOR_OF[attribute]);
  const out = new URLSearchParams();
  if (route.q !== "") out.set("q", route.q);
  for (const attribute of ATTRIBUTES) {
    for (const value of route.filters[attribute] ?? []) out.append(OPERATOR_OF[attribute], value);
  }
  for (const [name, value] of params) out.append(name, value);
  const query = out.toString();
  return query ? `/?${query}` : "/";
}

const sameFilters = (a: SearchRoute, b: SearchRoute): boolean =>
  ATTRIBUTES.every(
    (attribute) => (a.filters[attribute] ?? []).join("\n") === (b.filters[attribute] ?? []).join("\n"),
  );

/** InstantSearch's router, on top of ours: typing replaces the entry in the history, a filter adds one. */
export function searchRouting(index: string) {
  let stop: () => void = () => undefined;
  let writing = false;
  return {
    router: {
      $$type: "fossick.address-bar",
      read: () => readRoute(location.search),
      write: (route: SearchRoute) => {
        if (location.pathname !== "/") return;
        const replace = sameFilters(route, readRoute(location.search));
        writing = true;
        navigate(routePath(route, location.search), { replace });
        writing = false;
      },
      createURL: (route: SearchRoute) => routePath(route, location.search),
      onUpdate: (tell: (route: SearchRoute) => void) => {
        stop = watchLocation(() => {
          if (!writing && location.pathname === "/") tell(readRoute(location.search));
        });
      },
      dispose: () => stop(),
    },
    stateMapping: {
      $$type: "fossick.search",
      stateToRoute: (ui: UiState): SearchRoute => ({
        q: ui[index]?.query ?? "",
        filters: (ui[index]?.refinementList ?? {}) as SearchRoute["filters"],
      }),
      routeToState: (route: SearchRoute): UiState => ({
        [index]: { query: route.q, refinementList: route.filters as Record<string, string[]> },
      }),
    },
  };
}
