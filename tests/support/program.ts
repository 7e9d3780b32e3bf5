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
}

// Two cores run the tests of two files at once, and each program here starts a runtime.
const patienceMs = 30_000;

/** Starts a program that ends with this process at the latest. */
export function startProgram(command: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
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
  readonly #ended: Promise<ProgramResult>;

  constructor(child: ChildProcess) {
    this.#child = child;
    let standardOutput = "";
    let errorOutput = "";
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      standardOutput += chunk;
      this.#lines.append(chunk);
    });
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

  /** The first line of either stream that matches; rejects with all it wrote when it ends without one. */
  async line(pattern: RegExp): Promise<string> {
    const endedFirst = this.#ended.then(({ exitCode }): never => {
      throw new Error(`The program ended with ${exitCode} before a line like ${pattern}:\n${this.#lines.text}`);
    });
    return await Promise.race([this.#lines.waitFor(pattern, 0, patienceMs), endedFirst]);
  }

  /** Waits until it has ended by itself; rejects when it does not. */
  async ended(): Promise<ProgramResult> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The program had not ended after ${patienceMs} ms:\n${this.#lines.text}`));
      }, patienceMs);
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
}
