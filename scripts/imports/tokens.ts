/** A word, a string (`text` is what is between the quotes) or one punctuation character of a TypeScript source. */
export interface Token {
  readonly kind: "word" | "string" | "punctuation";
  readonly text: string;
  readonly line: number;
}

// After these a slash starts a regular expression; after a word, a number or a closing bracket it divides.
const beforeRegularExpression = new Set("([{,;=:!&|?+-*%<>~^");
const wordsBeforeRegularExpression = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "await",
  "yield",
]);

const patterns = {
  space: /\s+/y,
  comment: /\/\/[^\n]*|\/\*[^]*?\*\//y,
  word: /[\p{ID_Start}$_#\d][\p{ID_Continue}$]*/uy,
  string: /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y,
  templatePart: /(?:[^`\\$]|\\[^]|\$(?!\{))*/y,
  regularExpression: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
};

/** Splits a source into tokens, without comments, template texts and regular expressions. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  // One entry for each `${` that is open: how many braces are open inside it.
  const templates: number[] = [];
  let position = 0;
  let line = 1;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text === undefined || text === "") return undefined;
    position += text.length;
    return text;
  }

  function advance(text: string): void {
    line += text.split("\n").length - 1;
  }

  function takeTemplate(): void {
    advance(take(patterns.templatePart) ?? "");
    if (source.startsWith("${", position)) {
      templates.push(0);
      position += 2;
    } else {
      position++;
    }
  }

  while (position < source.length) {
    const skipped = take(patterns.space) ?? take(patterns.comment) ??
      (regularExpressionMayStart(tokens.at(-1)) ? take(patterns.regularExpression) : undefined);
    if (skipped !== undefined) {
      advance(skipped);
      continue;
    }
    const word = take(patterns.word);
    if (word !== undefined) {
      tokens.push({ kind: "word", text: word, line });
      continue;
    }
    const string = take(patterns.string);
    if (string !== undefined) {
      tokens.push({ kind: "string", text: string.slice(1, -1), line });
      advance(string);
      continue;
    }
    const character = source[position++]!;
    const open = templates.at(-1);
    if (character === "`" || (character === "}" && open === 0)) {
      if (character === "}") templates.pop();
      takeTemplate();
      tokens.push({ kind: "punctuation", text: "`", line });
      continue;
    }
    if (open !== undefined && character === "{") templates[templates.length - 1]!++;
    if (open !== undefined && character === "}") templates[templates.length - 1]!--;
    tokens.push({ kind: "punctuation", text: character, line });
  }
  return tokens;
}

function regularExpressionMayStart(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === "word") return wordsBeforeRegularExpression.has(previous.text);
  return previous.kind === "punctuation" && beforeRegularExpression.has(previous.text);
}
