/**
 * What a schema takes, as far as it can be read off it: a guide for making values. The schema itself decides of each value
 * that is made, so a shape may be wider than its schema.
 */
export type Shape =
  | TextShape
  | NumberShape
  | ValuesShape
  | ListShape
  | ObjectShape
  | MaybeShape
  | UnionShape
  | AllShape
  | LazyShape
  | UnknownShape
  | NeverShape;

/** What every shape may tell. */
export interface ShapeHints {
  /** Values that the schema's author gave as examples. */
  readonly examples?: readonly unknown[];
}

/** A string. */
export interface TextShape extends ShapeHints {
  readonly kind: "text";
  /** The least length, in UTF-16 units. */
  readonly minLength: number;
  /** The greatest length. */
  readonly maxLength: number;
  /** What it has to match. */
  readonly patterns: readonly RegExp[];
  /** What it is, such as `email`; see `textFormats`. */
  readonly format: string | undefined;
  /** How it begins. */
  readonly start: string;
  /** How it ends. */
  readonly end: string;
  /** What is in it. */
  readonly includes: readonly string[];
}

/** A number. */
export interface NumberShape extends ShapeHints {
  readonly kind: "number";
  /** The least; exclusive where `aboveMinimum` says so. */
  readonly minimum: number;
  /** The greatest; exclusive where `belowMaximum` says so. */
  readonly maximum: number;
  readonly aboveMinimum: boolean;
  readonly belowMaximum: boolean;
  /** Whether it is a whole number. */
  readonly integer: boolean;
  /** Of what it is a multiple. */
  readonly multipleOf: number | undefined;
}

/** One of some values. */
export interface ValuesShape extends ShapeHints {
  readonly kind: "values";
  readonly values: readonly (string | number | boolean | null)[];
}

/** An array: items of their own first, then as many others as may follow. */
export interface ListShape extends ShapeHints {
  readonly kind: "list";
  /** What stands at the beginning, each item by its own shape. */
  readonly first: readonly Shape[];
  /** How many of these there have to be. */
  readonly required: number;
  /** What may follow; absent where nothing is known of it. */
  readonly rest: Shape | undefined;
  /** Whether nothing may follow. */
  readonly closed: boolean;
  readonly minLength: number;
  readonly maxLength: number;
}

/** A field of an object. */
export interface FieldShape {
  readonly shape: Shape;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

/** An object. */
export interface ObjectShape extends ShapeHints {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** What the names of other fields are. */
  readonly keys: Shape | undefined;
  /** What other fields hold; absent where nothing is known of it. */
  readonly rest: Shape | undefined;
  /** Whether there may be no other fields. */
  readonly closed: boolean;
  readonly minEntries: number;
  readonly maxEntries: number;
}

/** Something, or nothing. */
export interface MaybeShape extends ShapeHints {
  readonly kind: "maybe";
  readonly shape: Shape;
  /** What stands for nothing. */
  readonly nothing: readonly (null | undefined)[];
}

/** One of several shapes. */
export interface UnionShape extends ShapeHints {
  readonly kind: "union";
  readonly options: readonly Shape[];
}

/** All of several shapes at once. */
export interface AllShape extends ShapeHints {
  readonly kind: "all";
  readonly parts: readonly Shape[];
}

/** A shape that is known when it is asked for: it may stand in itself. */
export interface LazyShape extends ShapeHints {
  readonly kind: "lazy";
  readonly get: () => Shape;
}

/** Anything, or what cannot be read off the schema. */
export interface UnknownShape extends ShapeHints {
  readonly kind: "unknown";
}

/** Nothing that JSON can carry. */
export interface NeverShape extends ShapeHints {
  readonly kind: "never";
}

/** Any string. */
export const anyText: TextShape = {
  kind: "text",
  minLength: 0,
  maxLength: Infinity,
  patterns: [],
  format: undefined,
  start: "",
  end: "",
  includes: [],
};

/** Any number. */
export const anyNumber: NumberShape = {
  kind: "number",
  minimum: -Infinity,
  maximum: Infinity,
  aboveMinimum: false,
  belowMaximum: false,
  integer: false,
  multipleOf: undefined,
};

/** Any array. */
export const anyList: ListShape = {
  kind: "list",
  first: [],
  required: 0,
  rest: undefined,
  closed: false,
  minLength: 0,
  maxLength: Infinity,
};

/** Any object. */
export const anyObject: ObjectShape = {
  kind: "object",
  fields: new Map(),
  keys: undefined,
  rest: undefined,
  closed: false,
  minEntries: 0,
  maxEntries: Infinity,
};

/** Follows a lazy shape, not for ever. */
export function resolveShape(shape: Shape): Shape {
  let found = shape;
  for (let step = 0; found.kind === "lazy" && step < 16; step++) found = found.get();
  return found;
}
