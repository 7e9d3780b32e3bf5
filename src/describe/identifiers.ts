/** `create-order` as `createOrder`: a name that programs can use, whatever stands in a subject. */
export function camelCase(text: string): string {
  const [first = "", ...others] = wordsOf(text);
  return identifier(lowerFirst(first) + others.map(upperFirst).join(""));
}

/** `create-order` as `CreateOrder`, and `OUT_OF_STOCK` as `OutOfStock`. */
export function pascalCase(text: string): string {
  return identifier(wordsOf(text).map(upperFirst).join(""));
}

function wordsOf(text: string): string[] {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return /[a-z]/.test(text) ? words : words.map((word) => word.toLowerCase());
}

function identifier(text: string): string {
  return /^[A-Za-z]/.test(text) ? text : `_${text}`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
