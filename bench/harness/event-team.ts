import type { Bench } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { Worker } from "./worker.ts";

/** How fast events were handled. */
export interface EventRate {
  readonly count: number;
  readonly perSecond: number;
  /** Processor time of publisher and listener for each event, in microseconds. */
  readonly cpuUs: number;
}

/** A publisher and a listener, each a process of its own. */
export class EventTeam implements AsyncDisposable {
  readonly contender: Contender;
  readonly publisher: Worker;
  readonly listener: Worker;
  /** Where the listener says how many events it has handled. */
  readonly #port: number;

  private constructor(
    contender: Contender,
    publisher: Worker,
    listener: Worker,
    port: number,
  ) {
    this.contender = contender;
    this.publisher = publisher;
    this.listener = listener;
    this.#port = port;
  }

  /** Starts the listener, then the publisher. */
  static async open(bench: Bench, contender: Contender): Promise<EventTeam> {
    const listener = await Worker.start({ ...bench, contender });
    const { port } = await listener.ask<{ port: number }>("listen");
    const publisher = await Worker.start({ ...bench, contender });
    await publisher.ask("openPublisher");
    return new EventTeam(contender, publisher, listener, port);
  }

  /** Tells events of this size for so long. */
  async measure(bytes: number, durationMs: number): Promise<EventRate> {
    const before = await this.#cpuMs();
    const load = { port: this.#port, bytes, durationMs };
    const rate = await this.publisher.ask<Omit<EventRate, "cpuUs">>(
      "publish",
      load,
    );
    return {
      ...rate,
      cpuUs: (await this.#cpuMs() - before) * 1_000 / rate.count,
    };
  }

  async #cpuMs(): Promise<number> {
    return await this.publisher.ask<number>("cpuMs") +
      await this.listener.ask<number>("cpuMs");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    await this.listener[Symbol.asyncDispose]();
  }
}
