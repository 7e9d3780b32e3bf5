import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { killAtExit } from "./kill-at-exit.ts";

/** How a program of a test came to its end. */
export interface FixtureEnd {
  /** The exit code; a signal's name where one ended it, `"still running"` where it did not end in time. */
  readonly ending: number | string;
  /** What it wrote, both streams. */
  readonly output: string;
  /** The JSON of its last line of output, where it is one. */
  readonly result: unknown;
}

/** A program of a test that runs in a process of its own, because a test is about what keeps a process alive. */
export class Fixture {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | string>;
  #output = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    killAtExit(child);
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => this.#output += chunk);
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => this.#output += chunk);
    this.#closed = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(signal ?? code ?? "no exit code"));
    });
  }

  /** Tells it to go on: it waits for a line on its standard input. */
  go(): void {
    this.#child.stdin!.end("go\n");
  }

  /** Waits for it to end by itself; kills it when it does not. */
  async ended(limitMs: number): Promise<FixtureEnd> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, limitMs, "still running");
    });
    const ending = await Promise.race([this.#closed, limit]);
    clearTimeout(timer);
    this.#child.kill("SIGKILL");
    const lastLine = this.#output.trimEnd().split("\n").at(-1) ?? "";
    return { ending, output: this.#output, result: lastLine.startsWith("{") ? JSON.parse(lastLine) : undefined };
  }
}

/** Starts a program of `tests`, such as `nats/fixtures/failed-connect.ts`. */
export function startFixture(path: string, args: readonly string[]): Fixture {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  return new Fixture(child);
}
