import { lazyTarget } from "../describe/absence.ts";
import {
  isValibotSchema,
  type ValibotAction,
  type ValibotPart,
  type ValibotSchema,
} from "../describe/valibot-schema.ts";
import { anyList, anyNumber, anyObject, anyText, type FieldShape, type ListShape, type Shape } from "./shape.ts";
import { constrainShape } from "./valibot-constraints.ts";

/** Types whose fields may be left out of an object. */
const optionalTypes = new Set(["exact_optional", "nullish", "optional"]);

/** Types whose values JSON cannot carry. */
const withoutJsonForm = /^(bigint|blob|date|file|function|instance|map|nan|never|promise|set|symbol|undefined|void)$/;

/** Reads Valibot schemas; one that stands in itself becomes a shape that does. */
export class ValibotShapes {
  readonly #known = new Map<ValibotSchema, Shape>();

  /** What a schema takes. */
  of(schema: unknown): Shape {
    if (!isValibotSchema(schema)) return { kind: "unknown" };
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    this.#known.set(schema, { kind: "lazy", get: () => this.#known.get(schema)! });
    const shape = schema.pipe === undefined ? this.#plain(schema) : this.#pipe(schema.pipe);
    this.#known.set(schema, shape);
    return shape;
  }

  #plain(schema: ValibotSchema): Shape {
    switch (schema.type) {
      case "string":
        return anyText;
      case "number":
        return anyNumber;
      case "boolean":
        return { kind: "values", values: [true, false] };
      case "null":
        return { kind: "values", values: [null] };
      case "enum":
      case "picklist":
        return valuesShape(schema.options ?? []);
      case "literal":
        return valuesShape([schema.literal]);
      case "array":
        return { ...anyList, rest: this.of(schema.item) };
      case "tuple":
      case "loose_tuple":
      case "strict_tuple":
      case "tuple_with_rest":
        return this.#tuple(schema);
      case "object":
      case "loose_object":
        return { ...anyObject, fields: this.#fields(schema) };
      case "strict_object":
        return { ...anyObject, fields: this.#fields(schema), closed: true };
      case "object_with_rest":
        return { ...anyObject, fields: this.#fields(schema), rest: this.of(schema.rest) };
      case "record":
        return { ...anyObject, keys: this.of(schema.key), rest: this.of(schema.value) };
      case "union":
      case "variant":
        return { kind: "union", options: (schema.options ?? []).map((option) => this.of(option)) };
      case "intersect":
        return { kind: "all", parts: (schema.options ?? []).map((option) => this.of(option)) };
      case "lazy":
        return this.#lazy(schema);
      case "nullable":
        return { kind: "maybe", shape: this.of(schema.wrapped), nothing: [null] };
      case "nullish":
        return { kind: "maybe", shape: this.of(schema.wrapped), nothing: [undefined, null] };
      case "optional":
      case "undefinedable":
        return { kind: "maybe", shape: this.of(schema.wrapped), nothing: [undefined] };
      case "exact_optional":
      case "non_nullable":
      case "non_nullish":
      case "non_optional":
        return this.of(schema.wrapped);
      default:
        return { kind: withoutJsonForm.test(schema.type) ? "never" : "unknown" };
    }
  }

  #fields(schema: ValibotSchema): ReadonlyMap<string, FieldShape> {
    return new Map(
      Object.entries(schema.entries ?? {}).map(([name, field]) => {
        const optional = isValibotSchema(field) && (optionalTypes.has(field.type) || "fallback" in field);
        return [name, { shape: this.of(field), optional }];
      }),
    );
  }

  #tuple({ type, items = [], rest }: ValibotSchema): ListShape {
    const required = items.findLastIndex((item) => !(isValibotSchema(item) && optionalTypes.has(item.type))) + 1;
    return {
      ...anyList,
      first: items.map((item) => this.of(item)),
      required,
      rest: type === "tuple_with_rest" ? this.of(rest) : undefined,
      closed: type === "strict_tuple",
    };
  }

  #lazy(schema: ValibotSchema): Shape {
    // When it is asked for, and once: a getter may make a new schema each time, without end.
    let found: Shape | undefined;
    return {
      kind: "lazy",
      get: () => {
        const target = lazyTarget(schema);
        return found ??= target === undefined ? { kind: "unknown" } : this.of(target);
      },
    };
  }

  #pipe(pipe: readonly ValibotPart[]): Shape {
    const [first, ...rest] = pipe;
    let shape = this.of(first);
    const parts: Shape[] = [];
    let changed = false;
    for (const part of rest) {
      if (part.kind === "schema") {
        if (!changed) parts.push(this.of(part));
      } else if (part.kind === "transformation") {
        changed ||= !keepsLength.has(part.type);
      } else if (!changed) {
        shape = constrainShape(shape, part as ValibotAction);
      }
    }
    return parts.length === 0 ? shape : { kind: "all", parts: [shape, ...parts] };
  }
}

/** Transformations after which checks still say something of what came in: what is made is checked in any case. */
const keepsLength = new Set([
  "brand",
  "flavor",
  "guard",
  "normalize",
  "readonly",
  "to_lower_case",
  "to_upper_case",
  "trim",
  "trim_end",
  "trim_start",
]);

function valuesShape(values: readonly unknown[]): Shape {
  const carried = [...new Set(values)].filter((value): value is string | number | boolean =>
    typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
  );
  return carried.length === 0 ? { kind: "never" } : { kind: "values", values: carried };
}
