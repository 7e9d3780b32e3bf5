import type { ValibotAction } from "../describe/valibot-schema.ts";
import type { ListShape, NumberShape, ObjectShape, Shape, TextShape } from "./shape.ts";
import { textFormats } from "./text-formats.ts";

/** A shape with what a check or a piece of metadata of a pipe adds to it. */
export function constrainShape(shape: Shape, action: ValibotAction): Shape {
  if (action.type === "examples" && Array.isArray(action.examples)) {
    return { ...shape, examples: [...shape.examples ?? [], ...action.examples] };
  }
  switch (shape.kind) {
    case "text":
      return constrainText(shape, action);
    case "number":
      return constrainNumber(shape, action);
    case "list":
      return constrainLength(shape, action);
    case "object":
      return constrainEntries(shape, action);
    case "maybe":
      return { ...shape, shape: constrainShape(shape.shape, action) };
    case "union":
      return { ...shape, options: shape.options.map((option) => constrainShape(option, action)) };
    default:
      return shape;
  }
}

function constrainText(shape: TextShape, action: ValibotAction): TextShape {
  const { type, requirement } = action;
  if (typeof requirement === "string") {
    if (type === "starts_with") return { ...shape, start: requirement };
    if (type === "ends_with") return { ...shape, end: requirement };
    if (type === "includes") return { ...shape, includes: [...shape.includes, requirement] };
  }
  const format = type.replaceAll("_", "-");
  if (textFormats.has(format)) return { ...shape, format };
  if (requirement instanceof RegExp) return { ...shape, patterns: [...shape.patterns, requirement] };
  return constrainLength(shape, action);
}

/** Bytes and graphemes are counted as characters: what is made is checked in any case. */
function constrainLength<Limited extends TextShape | ListShape>(shape: Limited, action: ValibotAction): Limited {
  const { type, requirement } = action;
  if (type === "non_empty") return { ...shape, minLength: Math.max(shape.minLength, 1) };
  if (type === "empty") return { ...shape, maxLength: 0 };
  if (typeof requirement !== "number") return shape;
  if (/^(length|bytes|graphemes)$/.test(type)) return { ...shape, minLength: requirement, maxLength: requirement };
  if (/^min_(length|bytes|graphemes)$/.test(type)) {
    return { ...shape, minLength: Math.max(shape.minLength, requirement) };
  }
  if (/^max_(length|bytes|graphemes)$/.test(type)) {
    return { ...shape, maxLength: Math.min(shape.maxLength, requirement) };
  }
  return shape;
}

function constrainNumber(shape: NumberShape, { type, requirement }: ValibotAction): NumberShape {
  if (type === "integer") return { ...shape, integer: true };
  if (type === "safe_integer") {
    const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
    return withMinimum(withMaximum({ ...shape, integer: true }, MAX_SAFE_INTEGER, false), MIN_SAFE_INTEGER, false);
  }
  if (typeof requirement !== "number") return shape;
  if (type === "min_value" || type === "gt_value") return withMinimum(shape, requirement, type === "gt_value");
  if (type === "max_value" || type === "lt_value") return withMaximum(shape, requirement, type === "lt_value");
  if (type === "value") return { ...shape, minimum: requirement, maximum: requirement };
  return type === "multiple_of" ? { ...shape, multipleOf: Math.abs(requirement) } : shape;
}

function constrainEntries(shape: ObjectShape, { type, requirement }: ValibotAction): ObjectShape {
  if (typeof requirement !== "number") return shape;
  if (type === "entries") return { ...shape, minEntries: requirement, maxEntries: requirement };
  if (type === "min_entries") return { ...shape, minEntries: Math.max(shape.minEntries, requirement) };
  return type === "max_entries" ? { ...shape, maxEntries: Math.min(shape.maxEntries, requirement) } : shape;
}

/** A number's shape with a lower bound, where it is not bounded more narrowly already. */
export function withMinimum(shape: NumberShape, minimum: number, exclusive: boolean): NumberShape {
  const narrower = minimum > shape.minimum || (minimum === shape.minimum && exclusive);
  return narrower ? { ...shape, minimum, aboveMinimum: exclusive } : shape;
}

/** A number's shape with an upper bound, where it is not bounded more narrowly already. */
export function withMaximum(shape: NumberShape, maximum: number, exclusive: boolean): NumberShape {
  const narrower = maximum < shape.maximum || (maximum === shape.maximum && exclusive);
  return narrower ? { ...shape, maximum, belowMaximum: exclusive } : shape;
}
