import { type Token, tokenize } from "./tokens.ts";

/** One import of a source file. */
export interface FoundImport {
  readonly specifier: string;
  readonly line: number;
  /**
   * `value`: static, loads the module. `type`: erased when compiled. `dynamic`: `import("…")`, in an expression or a type.
   * `computed`: dynamic, of something that is no plain string.
   */
  readonly kind: "value" | "type" | "dynamic" | "computed";
}

/** Finds the static, dynamic and type-only imports and re-exports of a TypeScript source. */
export function findImports(source: string): FoundImport[] {
  const tokens = tokenize(source);
  const found: FoundImport[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || (token.text !== "import" && token.text !== "export")) continue;
    // `object.import` is a property.
    if (tokens[index - 1]?.text === ".") continue;
    const next = tokens[index + 1];
    if (next === undefined) continue;
    if (token.text === "import" && next.text === "(") found.push(readDynamic(tokens, index));
    else found.push(...readStatic(tokens, index));
  }
  return found;
}

function readDynamic(tokens: Token[], index: number): FoundImport {
  const { line } = tokens[index]!;
  const argument = tokens[index + 2];
  if (argument?.kind === "string") return { specifier: argument.text, line, kind: "dynamic" };
  return { specifier: "", line, kind: "computed" };
}

function readStatic(tokens: Token[], index: number): FoundImport[] {
  const keyword = tokens[index]!;
  const next = tokens[index + 1]!;
  if (keyword.text === "import" && next.kind === "string") {
    return [{ specifier: next.text, line: keyword.line, kind: "value" }];
  }
  // `import type, { x }` and `import type from` import a value that is named "type".
  const isType = next.text === "type" && !["from", ","].includes(tokens[index + 2]?.text ?? "");
  const specifier = findSpecifier(tokens, isType ? index + 2 : index + 1);
  if (specifier === undefined) return [];
  return [{ specifier: specifier.text, line: keyword.line, kind: isType ? "type" : "value" }];
}

/** The string after `from`, when only names, commas, stars and one pair of braces come before it. */
function findSpecifier(tokens: Token[], start: number): Token | undefined {
  let inBraces = false;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index]!;
    if (token.text === "from" && token.kind === "word" && !inBraces && tokens[index + 1]?.kind === "string") {
      return tokens[index + 1];
    }
    if (token.text === "{") inBraces = true;
    else if (token.text === "}") inBraces = false;
    else if (token.kind === "punctuation" && token.text !== "," && token.text !== "*") return undefined;
    else if (token.kind === "string" && !inBraces) return undefined;
    else if (
      !inBraces && ["const", "function", "class", "interface", "default", "async", "import"].includes(token.text)
    ) {
      return undefined;
    }
  }
  return undefined;
}
