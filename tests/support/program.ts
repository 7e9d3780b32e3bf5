import { type ChildProcess, spawn } from "node:child_process";
import { killAtExit } from "./kill-at-exit.ts";
import { ServerLog } from "./server-log.ts";

/** How a program ended, and all it wrote. */
export interface ProgramResult {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly standardOutput: string;
  readonly errorOutput: string;
}

/** Where and with what a program runs. */
export interface ProgramOptions {
  readonly folder?: string;
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it can be written to. @default false */
  readonly input?: boolean;
}

// Two cores run the tests of two files at once, and each program here starts a runtime.
const patienceMs = 30_000;

/** Starts a program that ends with this process at the latest. */
export function startProgram(command: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(command, args, {
    stdio: [options.input === true ? "pipe" : "ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...options.environment },
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  });
  killAtExit(child);
  return new Program(child);
}

/** A program that a test started, and a way to wait for a line of its output instead of sleeping. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines = new ServerLog();
  /** A long line of one stream comes in pieces, and a line of the other may come between them. */
  readonly #outputLines = new ServerLog();
  readonly #ended: Promise<ProgramResult>;

  constructor(child: ChildProcess) {
    this.#child = child;
    let standardOutput = "";
    let errorOutput = "";
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      standardOutput += chunk;
      this.#lines.append(chunk);
      this.#outputLines.append(chunk);
    });
    // A program that has ended hears nothing more.
    child.stdin?.on("error", () => {});
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      errorOutput += chunk;
      this.#lines.append(chunk);
    });
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      // "close" comes after the last of the output, "exit" may come before it.
      child.once("close", (exitCode) => resolve({ exitCode, standardOutput, errorOutput }));
    });
    this.#ended.catch(() => {});
  }

  /** Its number; `undefined` where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Writes to its standard input, which `input: true` has opened. */
  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin!.end();
  }

  /** The first line of either stream that matches; rejects with all it wrote when it ends without one. */
  line(pattern: RegExp, limitMs: number = patienceMs): Promise<string> {
    return this.#lineOf(this.#lines, pattern, limitMs);
  }

  /** The first line of its standard output alone that matches. */
  outputLine(pattern: RegExp, limitMs: number = patienceMs): Promise<string> {
    return this.#lineOf(this.#outputLines, pattern, limitMs);
  }

  /** Waits until it has ended by itself; rejects when it does not. */
  async ended(limitMs: number = patienceMs): Promise<ProgramResult> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The program had not ended after ${limitMs} ms:\n${this.#lines.text}`));
      }, limitMs);
    });
    try {
      return await Promise.race([this.#ended, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it (SIGTERM) and gives what it wrote. */
  async stop(): Promise<ProgramResult> {
    this.#child.kill("SIGTERM");
    return await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended.catch(() => {});
  }

  async #lineOf(lines: ServerLog, pattern: RegExp, limitMs: number): Promise<string> {
    const found = lines.waitFor(pattern, 0, limitMs);
    found.catch(() => {});
    const endedFirst = this.#ended.then(({ exitCode }): Promise<string> | string => {
      if (lines.has(pattern)) return found;
      throw new Error(`The program ended with ${exitCode} before a line like ${pattern}:\n${this.#lines.text}`);
    });
    return await Promise.race([found, endedFirst]);
  }
}
