import type { Clock } from "../transport/clock.ts";
import { pause } from "../transport/pause.ts";
import type { OutboxEntry, OutboxStore } from "./outbox-store.ts";
import { retryDelayMs } from "./retry-pace.ts";

/** What an outbox pump is made of. */
export interface OutboxPumpOptions {
  /** Where entries wait. */
  readonly store: Pick<OutboxStore<never>, "take" | "remove">;
  /** Publishes one; resolves when it is stored. */
  readonly publish: (entry: OutboxEntry) => Promise<void>;
  /** How many entries are read at once. */
  readonly batchSize: number;
  /** How long it waits before it looks by itself, in milliseconds. */
  readonly pollMs: number;
  /** Hears what could not be published. Never throws. */
  readonly onError: (error: unknown) => void;
  /** Time and randomness. */
  readonly clock: Clock;
}

/** Publishes entries one after another, oldest first; one that cannot be published is tried again, and those behind it wait. */
export class OutboxPump {
  readonly #options: OutboxPumpOptions;
  #running: Promise<void> | undefined;
  #stopping = new AbortController();
  #wake = new AbortController();

  /** Nothing is published yet. */
  constructor(options: OutboxPumpOptions) {
    this.#options = options;
  }

  /** Publishes from now on; once. */
  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Looks at once. */
  wake(): void {
    this.#wake.abort();
  }

  /** Publishes nothing further. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
    this.#running = undefined;
    this.#stopping = new AbortController();
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const { pollMs, clock } = this.#options;
    let failures = 0;
    while (!stopped.aborted) {
      const woken = this.#wake = new AbortController();
      const { published, failed } = await this.#publishBatch(stopped);
      if (stopped.aborted) return;
      if (failed) {
        failures = published === 0 ? failures + 1 : 1;
        // Whoever wakes it does not know that the broker is away.
        await pause(clock, retryDelayMs(failures, undefined, undefined, clock), stopped);
      } else {
        failures = 0;
        if (published === 0 && !woken.signal.aborted) await pause(clock, pollMs, woken.signal);
      }
    }
  }

  async #publishBatch(stopped: AbortSignal): Promise<{ readonly published: number; readonly failed: boolean }> {
    const { store, publish, batchSize, onError } = this.#options;
    const published: string[] = [];
    let failed = false;
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failed = true;
        onError(error);
      }
    };
    await attempt(async () => {
      for (const entry of await store.take(batchSize)) {
        if (stopped.aborted) return;
        await publish(entry);
        published.push(entry.id);
      }
    });
    // Where this fails they are published again, with the same ids.
    if (published.length > 0) await attempt(async () => await store.remove(published));
    return { published: published.length, failed };
  }
}
