import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { killAtExit } from "../support/kill-at-exit.ts";

/** What a child program is started with. */
export interface ChildProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a fourth pipe is open, to which the program writes and nobody else does. @default false */
  readonly control?: boolean;
}

/** A runtime's process, with all that it prints. */
export class ChildProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #output = "";
  #control = "";

  /** Starts it. */
  constructor(path: string, args: readonly string[], options: ChildProgramOptions = {}) {
    const { cwd, env, control = false } = options;
    // In the group of the test file, which its runner kills as a whole; a browser's other processes end with the first.
    const child = spawn(path, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe", ...(control ? ["pipe" as const] : [])],
    });
    this.#child = child;
    killAtExit(child);
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => this.#output += chunk);
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => this.#output += chunk);
    if (control) {
      (child.stdio[3] as NodeJS.ReadableStream).setEncoding("utf8").on("data", (chunk: string) => {
        this.#control += chunk;
      });
    }
    this.#ended = Promise.race([
      once(child, "close").then(([code, signal]) => signal === null ? `exit code ${code}` : String(signal)),
      once(child, "error").then(([error]) => (error as Error).message),
    ]);
  }

  /** Both streams, in the order in which they came. */
  get output(): string {
    return this.#output;
  }

  /** What came over the fourth pipe. */
  get control(): string {
    return this.#control;
  }

  /** Resolves with how it ended, or rejects, and kills it, after the time. */
  async ended(limitMs: number): Promise<string> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`It did not end within ${limitMs} ms:\n${this.#output}`)), limitMs);
    });
    try {
      return await Promise.race([this.#ended, limit]);
    } finally {
      clearTimeout(timer);
      this.#child.kill("SIGKILL");
    }
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
