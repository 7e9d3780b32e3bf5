import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { killAtExit } from "../../support/kill-at-exit.ts";
import type { Commands, Word } from "./obey.ts";

/** What a program does when it is told so: `Told<Program, "measure">`. */
type Result<Own extends Commands, Name extends keyof Own> = Awaited<ReturnType<Own[Name]>>;

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const startLimitMs = 30_000;
const answerLimitMs = 60_000;

/** A program of these experiments in a process of its own, whose memory can be read and which can be killed. */
export class ToldProgram<Own extends Commands> implements AsyncDisposable {
  /** What its process left unhandled. */
  readonly strays: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #output = "";
  #errorOutput = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    killAtExit(child);
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => this.#output += chunk);
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => this.#errorOutput += chunk);
    child.on("message", (word: Word) => this.#hear(word));
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
    void this.#ended.then(() => this.#failAll(new Error(`The program has ended:\n${this.#errorOutput}`)));
  }

  /** Starts a file of this folder with a choice that it reads; resolves when it does what it is told. */
  static async start<Own extends Commands>(file: string, choice: unknown): Promise<ToldProgram<Own>> {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(choice)], {
      execArgv: ["--expose-gc", "--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const program = new ToldProgram<Own>(child);
    await program.#answer(0, startLimitMs, `${file} starts`);
    return program;
  }

  /** Its process's number. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote to standard output. */
  get output(): string {
    return this.#output;
  }

  /** What it wrote to the error stream. */
  get errorOutput(): string {
    return this.#errorOutput;
  }

  /** Tells it to do something; gives what that gives. */
  tell<Name extends keyof Own & string>(
    command: Name,
    ...[argument]: Parameters<Own[Name]>
  ): Promise<Result<Own, Name>> {
    const id = ++this.#lastId;
    const answer = this.#answer<Result<Own, Name>>(id, answerLimitMs, command);
    if (this.#child.connected) this.#child.send({ id, command, argument });
    else this.#failAll(new Error(`The program has ended:\n${this.#errorOutput}`));
    return answer;
  }

  /** Ends it at once (SIGKILL) and waits for its end. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #hear(word: Word): void {
    if ("stray" in word) return void this.strays.push(word.stray);
    const id = "ready" in word ? 0 : word.id;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if ("ready" in word) waiting?.resolve(undefined as never);
    else if (word.problem === undefined) waiting?.resolve(word.result as never);
    else waiting?.reject(new Error(word.problem));
  }

  #answer<Value = void>(id: number, limitMs: number, what: string): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`Waited ${limitMs} ms in vain for a program: ${what}\n${this.#errorOutput}`));
      }, limitMs);
      const done = <Argument>(settle: (argument: Argument) => void) => (argument: Argument): void => {
        clearTimeout(timer);
        settle(argument);
      };
      this.#waiting.set(id, { resolve: done(resolve as (result: never) => void), reject: done(reject) });
    });
  }

  #failAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
