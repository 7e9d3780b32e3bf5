import { element } from "./element.ts";

const token = /\s+|"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/gy;
const maximumColoured = 64 * 1024;
const maximumShown = 512 * 1024;

/** Shows JSON indented and coloured, its numbers with all the digits they came with; any other text as it is. */
export function jsonView(text: string): HTMLPreElement {
  const view = element("pre", { class: "json", tabindex: 0 });
  const shown = text.length > maximumShown
    ? `${text.slice(0, maximumShown)}\n… ${text.length} characters in all`
    : text;
  const pieces = text.length > maximumColoured ? undefined : layOut(text);
  if (pieces === undefined) {
    view.append(shown);
    return view;
  }
  for (const { kind, text } of pieces) {
    view.append(kind === undefined ? text : element("span", { class: kind }, text));
  }
  return view;
}

interface Piece {
  /** The class of its colour. */
  readonly kind: "key" | "string" | "number" | "word" | undefined;
  readonly text: string;
}

/** The text's tokens with line breaks between them; `undefined` where it is no JSON. */
function layOut(text: string): Piece[] | undefined {
  if (!isJson(text)) return undefined;
  const tokens = [...text.matchAll(token)].map(([found]) => found).filter((found) => found.trim() !== "");
  const pieces: Piece[] = [];
  let depth = 0;
  const breakLine = (): void => void pieces.push({ kind: undefined, text: `\n${"  ".repeat(depth)}` });
  for (const [index, found] of tokens.entries()) {
    const next = tokens[index + 1];
    if (found === "{" || found === "[") {
      pieces.push({ kind: undefined, text: found });
      depth += 1;
      if (next !== "}" && next !== "]") breakLine();
    } else if (found === "}" || found === "]") {
      depth -= 1;
      const before = tokens[index - 1];
      if (before !== "{" && before !== "[") breakLine();
      pieces.push({ kind: undefined, text: found });
    } else if (found === ",") {
      pieces.push({ kind: undefined, text: found });
      breakLine();
    } else if (found === ":") {
      pieces.push({ kind: undefined, text: ": " });
    } else {
      pieces.push({ kind: kindOf(found, next), text: found });
    }
  }
  return pieces;
}

function kindOf(found: string, next: string | undefined): Piece["kind"] {
  if (found.startsWith('"')) return next === ":" ? "key" : "string";
  return /^[-\d]/.test(found) ? "number" : "word";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
