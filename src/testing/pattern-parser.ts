/** A part of a regular expression, as far as making a text of it needs it. */
export type PatternNode =
  | { readonly kind: "text"; readonly text: string }
  /** One character that this piece of source matches. */
  | { readonly kind: "class"; readonly source: string }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly least: number; readonly most: number }
  | { readonly kind: "group"; readonly part: PatternNode; readonly name: string | undefined; readonly index: number }
  | { readonly kind: "reference"; readonly to: string };

/** Stands for nothing: an anchor, or a look at what is beside. Whether it holds is seen when the text is checked. */
const nothing: PatternNode = { kind: "text", text: "" };

const controlCharacters: Readonly<Record<string, string>> = { f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", 0: "\0" };

/** Reads a regular expression that the engine has accepted; so its syntax is right. */
export function parsePattern({ source, flags }: RegExp): PatternNode {
  return new PatternParser(source, flags.includes("v")).read();
}

class PatternParser {
  readonly #source: string;
  readonly #nestsClasses: boolean;
  #at = 0;
  #groups = 0;

  constructor(source: string, nestsClasses: boolean) {
    this.#source = source;
    this.#nestsClasses = nestsClasses;
  }

  read(): PatternNode {
    const options: PatternNode[] = [];
    let parts: PatternNode[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== ")") {
      if (this.#source[this.#at] === "|") {
        this.#at += 1;
        options.push({ kind: "sequence", parts });
        parts = [];
      } else {
        parts.push(this.#quantified(this.#atom()));
      }
    }
    options.push({ kind: "sequence", parts });
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #atom(): PatternNode {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    if (character === "(") return this.#group();
    if (character === "[") return { kind: "class", source: this.#class() };
    if (character === "\\") return this.#escape();
    this.#at += character.length;
    if (character === "^" || character === "$") return nothing;
    return character === "." ? { kind: "class", source: "." } : { kind: "text", text: character };
  }

  #group(): PatternNode {
    const opening = this.#match(/\((?:\?(?:<?[=!]|<(?<name>[^>]+)>|(?:[a-z]*(?:-[a-z]*)?):))?/y)!;
    const isLook = /[=!]$/.test(opening[0]);
    const captures = opening[0] === "(" || opening.groups?.["name"] !== undefined;
    const index = captures ? ++this.#groups : 0;
    const part = this.read();
    this.#at += 1;
    if (isLook) return nothing;
    return captures ? { kind: "group", part, name: opening.groups?.["name"], index } : part;
  }

  #class(): string {
    const start = this.#at;
    let depth = 0;
    do {
      const character = this.#source[this.#at];
      if (character === "\\") this.#at += 1;
      else if (character === "[") depth = this.#nestsClasses ? depth + 1 : 1;
      else if (character === "]") depth -= 1;
      this.#at += 1;
    } while (depth > 0);
    return this.#source.slice(start, this.#at);
  }

  #escape(): PatternNode {
    const named = this.#match(/\\k<([^>]+)>/y);
    if (named !== undefined) return { kind: "reference", to: named[1]! };
    const numbered = this.#match(/\\([1-9]\d*)/y);
    if (numbered !== undefined) return { kind: "reference", to: numbered[1]! };
    if (this.#match(/\\[bB]/y) !== undefined) return nothing;
    const kind = this.#match(/\\(?:[dDwWsS]|[pP]\{[^}]*\})/y);
    if (kind !== undefined) return { kind: "class", source: kind[0] };
    const coded = this.#match(/\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2}))/y);
    const code = coded?.[1] ?? coded?.[2] ?? coded?.[3];
    if (code !== undefined) return { kind: "text", text: String.fromCodePoint(Number.parseInt(code, 16)) };
    const control = this.#match(/\\c([A-Za-z])/y);
    if (control !== undefined) return { kind: "text", text: String.fromCharCode(control[1]!.charCodeAt(0) & 31) };
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at + 1)!);
    this.#at += 1 + character.length;
    return { kind: "text", text: controlCharacters[character] ?? character };
  }

  #quantified(part: PatternNode): PatternNode {
    const found = this.#match(/(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y);
    if (found === undefined) return part;
    const [text, least, comma, most] = found;
    if (least !== undefined) {
      const limit = comma === undefined ? Number(least) : most === "" ? Infinity : Number(most);
      return { kind: "repeat", part, least: Number(least), most: limit };
    }
    return { kind: "repeat", part, least: text.startsWith("+") ? 1 : 0, most: text.startsWith("?") ? 1 : Infinity };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }
}
