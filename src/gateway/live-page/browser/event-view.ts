import type { ApiEvent } from "./api-document.ts";
import { element } from "./element.ts";
import type { SchemaReader } from "./json-schema.ts";
import { operationHead } from "./operation-head.ts";
import { schemaOutline } from "./schema-outline.ts";

/** Shows an event of the contract, and the way to watch it. */
export function eventView(event: ApiEvent, schemas: SchemaReader, watch: () => void): HTMLElement {
  const button = element("button", { type: "button", class: "main" }, "Watch it");
  button.addEventListener("click", watch);
  const view = element("article", {}, operationHead(event, "GET", `${event.path}?name=${event.name}`));
  view.append(element("div", { class: "actions watch" }, button));
  const shapes = element("div", { class: "shapes" });
  if (event.schema !== undefined) {
    shapes.append(element("section", {}, element("h3", {}, "It carries"), schemaOutline(schemas, event.schema)));
  }
  if (event.parameters.length > 0) {
    const lines = event.parameters.map((name) => element("li", {}, element("code", {}, name)));
    const outline = element("div", { class: "outline" }, element("ul", {}, ...lines));
    shapes.append(element("section", {}, element("h3", {}, "It can be narrowed by"), outline));
  }
  if (shapes.childElementCount > 0) view.append(shapes);
  return view;
}
