import process from "node:process";

/** Listens to what the process says while it lives: a library writes nothing and makes the runtime warn of nothing. */
export class Silence {
  readonly #said: string[] = [];
  readonly #write = process.stdout.write;
  readonly #onWarning = (warning: Error): void => void this.#said.push(`warning: ${warning.message}`);

  constructor() {
    process.on("warning", this.#onWarning);
    process.stdout.write = ((chunk: string | Uint8Array) => {
      this.#said.push(String(chunk));
      return true;
    }) as typeof process.stdout.write;
  }

  /** What was said so far; empty is good. */
  get broken(): readonly string[] {
    return this.#said;
  }

  [Symbol.dispose](): void {
    process.stdout.write = this.#write;
    process.off("warning", this.#onWarning);
  }
}
