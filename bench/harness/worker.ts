import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findRuntime } from "../../tests/runtimes/find-runtimes.ts";
import { killAtExit } from "../../tests/support/kill-at-exit.ts";
import type { Contender } from "./contenders.ts";

/** The runtimes that a contender can run in. */
export type BenchRuntime = "node" | "bun" | "deno";

/** Which program a worker is, and where it connects. */
export interface WorkerOptions {
  readonly contender: Contender;
  /** Where the broker listens. */
  readonly brokerUrl: string;
  /** The entry of the built library, as a URL. */
  readonly library: string;
  /** @default "node" */
  readonly runtime?: BenchRuntime;
  /** Flags of Node's own. @default none */
  readonly nodeFlags?: readonly string[];
  /** Makes the subjects of workers of one contender different. @default its name */
  readonly prefix?: string;
}

/** What a worker says of its memory after a collection. */
export interface HeapSize {
  /** Bytes in the heap. */
  readonly heap: number;
  /** Bytes of buffers outside it. */
  readonly buffers: number;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

const program = fileURLToPath(
  new URL("../workers/worker.mjs", import.meta.url),
);
const answerMark = "@@";
const defaultLimitMs = 120_000;
const runtimeArguments: Readonly<Record<BenchRuntime, readonly string[]>> = {
  node: [],
  bun: ["run"],
  // The project's deno.json maps names for its sources, and this is the package for npm.
  deno: [
    "run",
    "--allow-all",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--node-modules-dir=manual",
  ],
};

/** One end of a contender, in a process of its own, that does what it is told. */
export class Worker implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #title: string;
  readonly #exited: Promise<unknown>;
  #output = "";
  #take: (answer: Answer) => void = () => {};

  private constructor(child: ChildProcess, title: string) {
    this.#child = child;
    this.#title = title;
    this.#exited = once(child, "exit").catch(() => {});
    killAtExit(child);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith(answerMark)) {
        this.#take(JSON.parse(line.slice(answerMark.length)));
      } else this.#output += `${line}\n`;
    });
    child.stderr!.setEncoding("utf8").on(
      "data",
      (text: string) => this.#output += text,
    );
    child.once("error", ({ message }) => this.#take({ error: message }));
    child.once(
      "exit",
      (code, signal) =>
        this.#take({
          error: `it ended with ${signal ?? code}: ${this.#output}`,
        }),
    );
  }

  /** Starts one and waits until it takes commands. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const {
      contender,
      brokerUrl,
      library,
      runtime = "node",
      nodeFlags = [],
      prefix = contender.name,
    } = options;
    const { path } = await findRuntime(runtime);
    const start = [
      ...runtimeArguments[runtime],
      ...nodeFlags,
      program,
      contender.name,
      brokerUrl,
      prefix,
    ];
    const child = spawn(path, start, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, BENCH_LIBRARY: library, NODE_ENV: "production" },
    });
    const worker = new Worker(child, `${contender.title} in ${runtime}`);
    await worker.#answer("start", defaultLimitMs);
    return worker;
  }

  /** Gives a command and waits for its result. */
  async ask<Result = null>(
    command: string,
    options: object = {},
    limitMs = defaultLimitMs,
  ): Promise<Result> {
    this.#child.stdin!.write(`${JSON.stringify({ command, options })}\n`);
    return await this.#answer(command, limitMs) as Result;
  }

  async #answer(command: string, limitMs: number): Promise<unknown> {
    let limit: ReturnType<typeof setTimeout> | undefined;
    const answer = await new Promise<Answer>((resolve) => {
      this.#take = resolve;
      limit = setTimeout(
        () =>
          resolve({ error: `no answer within ${limitMs} ms. ${this.#output}` }),
        limitMs,
      );
    });
    clearTimeout(limit);
    if (answer.error !== undefined) {
      throw new Error(`${this.#title}, "${command}": ${answer.error}`);
    }
    return answer.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
