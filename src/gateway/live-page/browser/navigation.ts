import type { ApiContract, ApiOperation } from "./api-document.ts";
import { byId, element } from "./element.ts";

/** Where an operation is in the page's address, behind `#`. */
export function addressOf({ key }: ApiOperation): string {
  return `/${key.split("/").map(encodeURIComponent).join("/")}`;
}

/** Shows the list of what the contracts offer. */
export function showNavigation(contracts: readonly ApiContract[]): void {
  byId("operations").replaceChildren(...contracts.map(({ name, version, requests, events }) => {
    const section = element("section", {}, element("h2", {}, name, element("span", {}, version)));
    for (const [title, operations] of [["Requests", requests], ["Events", events]] as const) {
      if (operations.length === 0) continue;
      const links = operations.map((operation) =>
        element("li", {}, element("a", { href: `#${addressOf(operation)}` }, operation.name))
      );
      section.append(element("h3", {}, title), element("ul", {}, ...links));
    }
    return section;
  }));
}

/** Marks the operation that is shown. */
export function markCurrent(operation: ApiOperation): void {
  const href = `#${addressOf(operation)}`;
  for (const link of byId("operations").querySelectorAll("a")) {
    if (link.getAttribute("href") === href) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
