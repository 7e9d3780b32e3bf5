import type { Bench } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { type BenchRuntime, Worker } from "./worker.ts";

/** How fast HTTP requests were answered. */
export interface HttpRate {
  readonly perSecond: number;
  /** Processor time of the front for each request, in microseconds. */
  readonly cpuUs: number;
}

/** A service, what stands in front of it, and who asks over HTTP: each a process of its own. */
export class HttpTeam implements AsyncDisposable {
  readonly contender: Contender;
  readonly #workers: readonly Worker[];
  readonly #front: Worker;
  readonly #client: Worker;
  readonly #inFlight: number;

  private constructor(
    contender: Contender,
    workers: readonly [Worker, Worker, Worker],
    inFlight: number,
  ) {
    this.contender = contender;
    this.#workers = workers;
    [, this.#front, this.#client] = workers;
    this.#inFlight = inFlight;
  }

  /** Starts the service, then the front in its runtime, then the client. */
  static async open(
    bench: Bench,
    contender: Contender,
    runtime: BenchRuntime,
    inFlight: number,
  ): Promise<HttpTeam> {
    const prefix = `${contender.name}-${runtime}`;
    const service = await Worker.start({ ...bench, contender, prefix });
    await service.ask("serve");
    const front = await Worker.start({ ...bench, contender, prefix, runtime });
    const { port } = await front.ask<{ port: number }>("front");
    const client = await Worker.start({ ...bench, contender, prefix });
    await client.ask("open", { frontPort: port, connections: inFlight });
    return new HttpTeam(contender, [service, front, client], inFlight);
  }

  /** Asks for so long. */
  async measure(durationMs: number): Promise<HttpRate> {
    const before = await this.#front.ask<number>("cpuMs");
    const load = { inFlight: this.#inFlight, durationMs };
    const { perSecond, count } = await this.#client.ask<
      { perSecond: number; count: number }
    >("requests", load);
    const cpuMs = await this.#front.ask<number>("cpuMs") - before;
    return { perSecond, cpuUs: cpuMs * 1_000 / count };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#workers.map((worker) => worker[Symbol.asyncDispose]()),
    );
  }
}
