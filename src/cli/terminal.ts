import type { Surroundings, TextOutput } from "./surroundings.ts";

/** What a text means, shown by its colour. */
export type Tone = "good" | "warning" | "bad" | "quiet" | "strong";

const tones: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

/** The two outputs as the commands use them: results, and beside them what is for people alone. */
export class Terminal {
  readonly #output: TextOutput;
  readonly #errorOutput: TextOutput;
  readonly #outputColours: boolean;
  readonly #errorColours: boolean;
  /** Whether results are for machines: then nothing but errors comes beside them. */
  readonly json: boolean;
  #progress = false;

  /** On the outputs of a process. */
  constructor({ output, errorOutput, environment }: Surroundings, options: { readonly json: boolean }) {
    this.#output = output;
    this.#errorOutput = errorOutput;
    this.#outputColours = wantsColours(output, environment);
    this.#errorColours = wantsColours(errorOutput, environment);
    this.json = options.json;
  }

  /** A text in a colour for standard output, where colours are wanted. */
  paint(tone: Tone, text: string): string {
    return this.#outputColours ? painted(tone, text) : text;
  }

  /** A text in a colour for standard error, where colours are wanted. */
  paintError(tone: Tone, text: string): string {
    return this.#errorColours ? painted(tone, text) : text;
  }

  /** How many characters a line of the output may have; `undefined` where nobody looks at it. */
  get columns(): number | undefined {
    return this.#output.columns;
  }

  /** Prints lines of a result. */
  async print(text: string): Promise<void> {
    await this.clearProgress();
    await this.#output.write(`${text}\n`);
  }

  /** Prints a result for machines, in one line. */
  async printJson(value: unknown): Promise<void> {
    await this.print(jsonText(value));
  }

  /** Tells people something beside the result. */
  async note(text: string): Promise<void> {
    if (this.json) return;
    await this.clearProgress();
    await this.#errorOutput.write(`${text}\n`);
  }

  /** Tells of an error, in either form. */
  async printError(text: string): Promise<void> {
    await this.clearProgress();
    await this.#errorOutput.write(`${text}\n`);
  }

  /** Shows what is waited for, in a line that goes away; to somebody who looks, only. */
  async progress(text: string): Promise<void> {
    if (this.json || !this.#errorOutput.isTerminal) return;
    await this.clearProgress();
    this.#progress = true;
    await this.#errorOutput.write(this.paintError("quiet", `${text}…`));
  }

  /** Takes the line of the progress away. */
  async clearProgress(): Promise<void> {
    if (!this.#progress) return;
    this.#progress = false;
    await this.#errorOutput.write("\r\u001b[2K");
  }
}

/** JSON with what it has no word for as text. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part, indent);
  return text ?? "null";
}

/** A text of somebody else's without what a terminal would obey: in tables and sentences, on one line. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** https://no-color.org and https://force-color.org: the former wins. */
function wantsColours(output: TextOutput, environment: Surroundings["environment"]): boolean {
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return output.isTerminal && environment["TERM"] !== "dumb";
}

function painted(tone: Tone, text: string): string {
  const [on, off] = tones[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
