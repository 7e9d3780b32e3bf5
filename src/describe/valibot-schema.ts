/**
 * The parts of a Valibot schema that tell what it takes. They are read as data, so that any copy of Valibot will do, and
 * any version of its schemas.
 */
export interface ValibotSchema {
  /** Tells it from an action. */
  readonly kind: "schema";
  /** Such as `object` or `string`. */
  readonly type: string;
  /** Whether it may answer with a promise. */
  readonly async?: boolean;
  /** The schema itself without its pipe, and what follows it. */
  readonly pipe?: readonly ValibotPart[];
  /** The fields of an object. */
  readonly entries?: Readonly<Record<string, unknown>>;
  /** What an array is made of. */
  readonly item?: unknown;
  /** What a tuple is made of. */
  readonly items?: readonly unknown[];
  /** What else an object or a tuple may have. */
  readonly rest?: unknown;
  /** What the keys of a record are. */
  readonly key?: unknown;
  /** What the values of a record are. */
  readonly value?: unknown;
  /** What an `optional` or a `nullable` is around. */
  readonly wrapped?: unknown;
  /** Schemas of a union, or values of a picklist. */
  readonly options?: readonly unknown[];
  /** The one value. */
  readonly literal?: unknown;
  /** Gives the schema that a `lazy` stands for. */
  readonly getter?: (input: unknown) => unknown;
  /** What stands for nothing. */
  readonly default?: unknown;
  /** What stands for anything that does not fit. */
  readonly fallback?: unknown;
}

/** An action of a pipe: it checks, changes or describes. */
export interface ValibotAction {
  /** What it does. */
  readonly kind: "validation" | "transformation" | "metadata";
  /** Such as `min_length` or `trim`. */
  readonly type: string;
  /** What is wanted. */
  readonly requirement?: unknown;
  /** Of `title`. */
  readonly title?: unknown;
  /** Of `description`. */
  readonly description?: unknown;
  /** Of `examples`. */
  readonly examples?: unknown;
  /** Of `metadata`. */
  readonly metadata?: unknown;
}

/** What stands in a pipe. */
export type ValibotPart = ValibotSchema | ValibotAction;

/** Tells a Valibot schema from anything else. */
export function isValibotSchema(value: unknown): value is ValibotSchema {
  return typeof value === "object" && value !== null && (value as ValibotSchema).kind === "schema" &&
    typeof (value as ValibotSchema).type === "string";
}
