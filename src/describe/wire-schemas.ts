import { lazyTarget, takesUndefined } from "./absence.ts";
import { type JsonSchema, toJson } from "./json.ts";
import { isValibotSchema, type ValibotAction, type ValibotPart, type ValibotSchema } from "./valibot-schema.ts";
import { annotation, changesValue, commentOn, isSilent, wireCheck, wireMetadata } from "./wire-actions.ts";

/** A schema of ours, which the converter does not know and hands to its override. */
export interface JsonNode extends ValibotSchema {
  /** What it is in JSON Schema. */
  readonly json: JsonSchema;
}

/** Why a schema stands apart. */
export interface SharedSchema {
  /** Its title, where it has one. */
  readonly title: string | undefined;
  /** The name of the schema in which it was met first. */
  readonly root: string;
}

/** Nothing that JSON can carry. */
export const nothing: JsonNode = { kind: "schema", type: "json", json: { not: {} } };

/** Tells a schema of ours. */
export function isJsonNode(schema: { readonly type: string }): schema is JsonNode {
  return schema.type === "json";
}

const simpleTypes = new Set(["any", "boolean", "never", "null", "number", "string", "unknown"]);
const optionalTypes = new Set(["exact_optional", "nullish", "optional"]);
/** Types whose values JSON cannot carry. */
const withoutJsonForm = new Set([
  "bigint",
  "blob",
  "date",
  "file",
  "function",
  "instance",
  "map",
  "nan",
  "promise",
  "set",
  "symbol",
  "undefined",
  "void",
]);
/** Types that take no `null`, whatever is in them. */
const withoutNull = /^(array|boolean|number|record|string|.*object.*|.*tuple.*)$/;
/** A getter may make a new schema each time, without end. */
const maximumLazyDepth = 32;

/**
 * Valibot schemas cut down to what holds for a value as it travels: the input of each pipe up to where it becomes
 * something else, without what JSON cannot carry, in terms that `@valibot/to-json-schema` writes without refusing
 * anything that Valibot takes. Where that takes a wider schema, its `$comment` says so.
 */
export class WireSchemas {
  readonly #copies = new Map<ValibotSchema, ValibotSchema>();
  readonly #copying = new Set<ValibotSchema>();
  /** Schemas whose checks see another value than the one that travels. */
  readonly #changing = new Set<ValibotSchema>();
  readonly #titles = new Map<ValibotSchema, string>();
  readonly #shared = new Map<ValibotSchema, string>();
  #lazyDepth = 0;
  #root = "";

  /** The copy of a schema that has a name in its document. */
  root(name: string, schema: ValibotSchema): ValibotSchema {
    this.#root = name;
    return this.of(schema);
  }

  /** A schema's copy. */
  of(schema: unknown): ValibotSchema {
    if (!isValibotSchema(schema)) return this.#wide("a schema of another library");
    const known = this.#copies.get(schema);
    if (known !== undefined) return known;
    if (this.#copying.has(schema)) return this.#reference(schema);
    this.#copying.add(schema);
    const copy = "fallback" in schema ? this.#withFallback(schema) : this.#withoutFallback(schema);
    this.#copying.delete(schema);
    this.#copies.set(schema, copy);
    return copy;
  }

  /** Copies that are to stand apart, under a name: those with a title, and those that stand in themselves. */
  shared(): ReadonlyMap<ValibotSchema, SharedSchema> {
    const shared = [...this.#shared].map(([schema, root]) =>
      [this.#copies.get(schema)!, { title: this.#titles.get(schema), root }] as const
    );
    return new Map(shared);
  }

  #withFallback(schema: ValibotSchema): ValibotSchema {
    const any: JsonNode = {
      kind: "schema",
      type: "json",
      json: { description: "Anything: a fallback stands for it." },
    };
    return this.#change({ kind: "schema", type: "union", options: [this.#withoutFallback(schema), any] });
  }

  #withoutFallback(schema: ValibotSchema): ValibotSchema {
    if (schema.pipe !== undefined) return this.#pipe(schema, schema.pipe);
    const { kind, type } = schema;
    if (simpleTypes.has(type)) return { kind, type };
    switch (type) {
      case "array":
        return { kind, type, item: this.of(schema.item) };
      case "object":
      case "loose_object":
      case "strict_object":
        return { kind, type, entries: this.#entries(schema) };
      case "object_with_rest":
        return { kind, type, entries: this.#entries(schema), rest: this.of(schema.rest) };
      case "tuple":
      case "loose_tuple":
      case "strict_tuple":
      case "tuple_with_rest":
        return this.#tuple(schema);
      case "record":
        return this.#wrap({ kind, type, key: this.of(schema.key), value: this.of(schema.value) }, "key");
      case "enum":
      case "literal":
      case "picklist":
        return this.#values(type === "literal" ? [schema.literal] : schema.options ?? []);
      case "union":
      case "variant":
        return this.#union(schema.options ?? []);
      case "intersect":
        return this.#intersect((schema.options ?? []).map((option) => this.of(option)));
      case "lazy":
        return this.#lazy(schema);
      case "exact_optional":
      case "nullable":
      case "nullish":
      case "optional":
      case "undefinedable":
        return this.#optional(schema);
      case "non_nullable":
      case "non_nullish":
      case "non_optional":
        return this.#required(schema);
      case "custom":
        return this.#wide("a check of its own");
      default:
        return withoutJsonForm.has(type) ? nothing : this.#wide(`a schema of type "${type}"`);
    }
  }

  #entries(schema: ValibotSchema): Record<string, ValibotSchema> {
    const fields = Object.entries(schema.entries ?? {}).map(([name, field]) => {
      const copy = this.of(field);
      const optional = isValibotSchema(field) && (optionalTypes.has(field.type) || field.fallback !== undefined);
      return [name, optional && !optionalTypes.has(copy.type) ? optionalCopy(copy) : copy] as const;
    });
    return Object.fromEntries(fields);
  }

  #tuple({ kind, type, items = [], rest }: ValibotSchema): ValibotSchema {
    const required = items.findLastIndex((item) => !takesUndefined(item)) + 1;
    const copies = items.map((item) => this.of(item));
    const tuple = { kind, type, items: copies, required };
    return type === "tuple_with_rest" ? { ...tuple, rest: this.of(rest) } : tuple;
  }

  #values(values: readonly unknown[]): ValibotSchema {
    const carried = [...new Set(values)].filter((value) =>
      typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
    );
    if (carried.length === 0) return nothing;
    if (carried.length === 1) return { kind: "schema", type: "literal", literal: carried[0] };
    return { kind: "schema", type: "picklist", options: carried };
  }

  #union(options: readonly unknown[]): ValibotSchema {
    const copies = options.map((option) => this.of(option)).filter((copy) => copy !== nothing);
    if (copies.length < 2) return copies[0] ?? nothing;
    const union: ValibotSchema = { kind: "schema", type: "union", options: copies };
    return copies.some((copy) => this.#changing.has(copy)) ? this.#change(union) : union;
  }

  #intersect(copies: readonly ValibotSchema[]): ValibotSchema {
    if (copies.length < 2) return copies[0] ?? nothing;
    const intersect: ValibotSchema = { kind: "schema", type: "intersect", options: copies };
    return copies.some((copy) => this.#changing.has(copy)) ? this.#change(intersect) : intersect;
  }

  #optional(schema: ValibotSchema): ValibotSchema {
    const { kind, type } = schema;
    const wrapped = this.of(schema.wrapped);
    if (wrapped === nothing && type !== "nullable" && type !== "nullish") return nothing;
    // What a function gives is another value each time.
    const standIn = typeof schema.default === "function" ? undefined : toJson(schema.default);
    const copy = { kind, type, wrapped, ...(standIn === undefined ? {} : { default: standIn }) };
    return schema.default === undefined ? this.#wrap(copy, "wrapped") : this.#change(copy);
  }

  #required(schema: ValibotSchema): ValibotSchema {
    const optional = ["exact_optional", "nullish", "optional", "undefinedable"];
    const nullable = ["nullable", "nullish"];
    let copy = this.of(schema.wrapped);
    let refusesNull = schema.type !== "non_optional";
    while (optional.includes(copy.type) || (refusesNull && nullable.includes(copy.type))) {
      const { wrapped, type } = copy;
      copy = wrapped as ValibotSchema;
      if (type === "nullish" && !refusesNull) return { kind: "schema", type: "nullable", wrapped: copy };
    }
    refusesNull &&= !withoutNull.test(copy.type);
    const notNull: JsonNode = { kind: "schema", type: "json", json: { not: { type: "null" } } };
    return refusesNull ? this.#intersect([copy, notNull]) : copy;
  }

  #lazy(schema: ValibotSchema): ValibotSchema {
    const target = this.#lazyDepth < maximumLazyDepth ? lazyTarget(schema) : undefined;
    if (target === undefined) return this.#wide("a schema that is not known before the value");
    this.#lazyDepth += 1;
    this.of(target);
    this.#lazyDepth -= 1;
    return this.#reference(target);
  }

  /** Stands for a schema that stands apart; what happens in there is not known yet. */
  #reference(target: ValibotSchema): ValibotSchema {
    this.#share(target);
    return this.#change({ kind: "schema", type: "lazy", getter: () => this.#copies.get(target) });
  }

  #pipe(schema: ValibotSchema, pipe: readonly ValibotPart[]): ValibotSchema {
    const [first, ...rest] = flatten(pipe);
    const parts: ValibotSchema[] = [];
    let head = this.of(first);
    let checks: ValibotAction[] = [];
    const told: ValibotAction[] = [];
    const untold = new Set<string>();
    let changed = this.#changing.has(head);
    for (const part of rest) {
      if (part.kind === "schema") {
        if (changed) {
          untold.add(part.type);
          continue;
        }
        parts.push(withActions(head, checks));
        [head, checks] = [this.of(part), []];
        changed = this.#changing.has(head);
      } else if (part.kind === "metadata") {
        const metadata = wireMetadata(part, !changed);
        if (metadata !== undefined) told.push(metadata);
        if (typeof metadata?.keywords["title"] === "string") {
          this.#titles.set(schema, metadata.keywords["title"]);
          this.#share(schema);
        }
      } else if (changesValue(part)) {
        changed = true;
      } else if (!isSilent(part)) {
        const check = changed ? undefined : wireCheck(part, head);
        if (check === undefined) untold.add(part.type);
        else checks.push(check);
      }
    }
    if (untold.size > 0) told.push(annotation({ $comment: commentOn([...untold].join(", ")) }));
    const copy = withActions(this.#intersect([...parts, withActions(head, checks)]), told);
    return changed ? this.#change(copy) : copy;
  }

  #share(schema: ValibotSchema): void {
    if (!this.#shared.has(schema)) this.#shared.set(schema, this.#root);
  }

  #wide(reason: string): ValibotSchema {
    return this.#change({ kind: "schema", type: "json", json: { $comment: commentOn(reason) } } as JsonNode);
  }

  #wrap(copy: ValibotSchema, child: "key" | "wrapped"): ValibotSchema {
    return this.#changing.has(copy[child] as ValibotSchema) ? this.#change(copy) : copy;
  }

  #change(copy: ValibotSchema): ValibotSchema {
    this.#changing.add(copy);
    return copy;
  }
}

function optionalCopy(wrapped: ValibotSchema): ValibotSchema {
  return { kind: "schema", type: "optional", wrapped };
}

function withActions(head: ValibotSchema, actions: readonly ValibotAction[]): ValibotSchema {
  return actions.length === 0 ? head : { ...head, pipe: [head, ...actions] };
}

/** A pipe in a pipe is one pipe. */
function flatten(pipe: readonly ValibotPart[]): ValibotPart[] {
  return pipe.flatMap((part) =>
    part.kind === "schema" && part.pipe !== undefined && !("fallback" in part) ? flatten(part.pipe) : [part]
  );
}
