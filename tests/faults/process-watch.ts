// What no library may do to the process it is in. Runs in Node, Bun and Deno.
import process from "node:process";

/** What was seen. */
export interface ProcessNotes {
  readonly unhandledRejections: readonly string[];
  readonly uncaughtExceptions: readonly string[];
  /** What was written to standard output. */
  readonly said: readonly string[];
}

/** Watches the process it is made in until it is disposed of. */
export class ProcessWatch implements ProcessNotes {
  readonly unhandledRejections: string[] = [];
  readonly uncaughtExceptions: string[] = [];
  readonly said: string[] = [];
  readonly #write = process.stdout.write;
  readonly #onRejection = (reason: unknown): void => void this.unhandledRejections.push(textOf(reason));
  readonly #onException = (error: unknown): void => void this.uncaughtExceptions.push(textOf(error));

  constructor() {
    process.on("unhandledRejection", this.#onRejection);
    process.on("uncaughtException", this.#onException);
    process.stdout.write = ((chunk: string | Uint8Array) => {
      this.said.push(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
      return true;
    }) as typeof process.stdout.write;
  }

  /** Writes past the watch. */
  say(line: string): Promise<void> {
    return new Promise((resolve) => void this.#write.call(process.stdout, `${line}\n`, "utf8", () => resolve()));
  }

  /** Ends it, after rejections of this turn have been told. */
  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.stdout.write = this.#write;
    process.off("unhandledRejection", this.#onRejection);
    process.off("uncaughtException", this.#onException);
  }
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.stack ?? reason.message : String(reason);
}
