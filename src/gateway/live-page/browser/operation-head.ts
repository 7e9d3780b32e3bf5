import type { ApiOperation } from "./api-document.ts";
import { element } from "./element.ts";

/** What requests and events have in common: the route, the name, the description, and who may use it. */
export function operationHead(operation: ApiOperation, method: string, path: string): HTMLElement {
  const { name, description, roles, marks } = operation;
  const head = element(
    "header",
    {},
    element("p", { class: "route" }, element("b", {}, method), ` ${path}`),
    element("h2", { class: "operation-name", tabindex: -1 }, name),
  );
  if (description !== undefined) head.append(element("p", { class: "description" }, description));
  const all = [...(roles === undefined ? [] : [roles]), ...marks];
  if (all.length > 0) {
    head.append(
      element("ul", { class: "marks", "aria-label": "Rules" }, ...all.map((mark) => element("li", {}, mark))),
    );
  }
  return head;
}
