import { element } from "./element.ts";
import type { SchemaReader } from "./json-schema.ts";

const deepest = 5;

/** Shows what a schema takes: one line for each member, those of inner objects under theirs. */
export function schemaOutline(reader: SchemaReader, schema: unknown): HTMLElement {
  const { description } = reader.resolve(schema);
  const outline = element("div", { class: "outline" });
  if (typeof description === "string") outline.append(element("p", {}, description));
  const members = memberList(reader, schema, 0);
  outline.append(members ?? element("p", {}, element("span", { class: "type" }, reader.describe(schema))));
  return outline;
}

function memberList(reader: SchemaReader, schema: unknown, depth: number): HTMLUListElement | undefined {
  const members = reader.members(schema);
  if (members.length === 0 || depth > deepest) return undefined;
  return element(
    "ul",
    {},
    ...members.map((member) => {
      const line = element(
        "li",
        {},
        element("code", {}, member.name),
        " ",
        element("span", { class: "type" }, reader.describe(member.schema)),
      );
      if (!member.required) line.append(" ", element("span", { class: "optional" }, "optional"));
      if (member.description !== undefined) line.append(element("p", {}, member.description));
      const { items } = reader.resolve(member.schema);
      const inner = memberList(reader, member.schema, depth + 1) ?? memberList(reader, items, depth + 1);
      if (inner !== undefined) line.append(inner);
      return line;
    }),
  );
}
