import { percentile } from "../../faults/percentile.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import type { CanaryChoice, CanaryProgram } from "./canary-program.ts";
import { preferProcess } from "./prefer-process.ts";
import { ToldProgram } from "./told-program.ts";

const oneCaller = { perSecond: 50, callers: [{ address: "127.0.0.240" }] };

/** What came of a canary's calls in some stretch of time. */
export interface CanaryTimes {
  readonly calls: number;
  readonly failures: readonly string[];
  /** 99 of 100 calls took at most so long, in milliseconds. */
  readonly p99Ms: number;
  readonly medianMs: number;
}

/** Callers who do nothing wrong, all the time that an experiment takes. */
export class CanaryWatch implements AsyncDisposable {
  readonly #program: ToldProgram<CanaryProgram>;

  private constructor(program: ToldProgram<CanaryProgram>) {
    this.#program = program;
  }

  /** Begins to call; the first calls, which warm up both sides, are forgotten. */
  static async start(
    port: number,
    warmUpMs: number,
    callers: Omit<CanaryChoice, "port"> = oneCaller,
  ): Promise<CanaryWatch> {
    const choice: CanaryChoice = { port, ...callers };
    const watch = new CanaryWatch(await ToldProgram.start("canary-program.ts", choice));
    preferProcess(watch.#program.pid);
    await watch.#program.tell("begin");
    await watch.during(() => pauseMs(warmUpMs));
    return watch;
  }

  /** How the calls went while something was done. */
  async during(work: () => Promise<unknown>): Promise<CanaryTimes> {
    await this.#program.tell("take");
    await work();
    const { timesMs, failures } = await this.#program.tell("take");
    return {
      calls: timesMs.length + failures.length,
      failures,
      p99Ms: percentile(timesMs, 99),
      medianMs: percentile(timesMs, 50),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
