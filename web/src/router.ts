// The page is in the address as #/name or #/conflict/ID: never a path, never a search, never a patient.
import { useEffect, useState } from "preact/hooks";

export type Page = "overview" | "conflicts" | "conflict" | "history" | "held" | "database" | "help";

export interface Route { page: Page; id: string }

export function parseRoute(hash: string): Route {
  const [, name = "", id = ""] = /^#\/([a-z]*)(?:\/([0-9A-Za-z_-]+))?$/.exec(hash) ?? [];
  if (name === "conflict" && id !== "") return { page: "conflict", id };
  if (["conflicts", "history", "held", "database", "help"].includes(name)) return { page: name as Page, id: "" };
  return { page: "overview", id: "" };
}

export const hashOf = (page: Page, id = "") => (id ? `#/${page}/${id}` : `#/${page}`);

export function go(page: Page, id = ""): void {
  location.hash = hashOf(page, id);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parseRoute(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}
