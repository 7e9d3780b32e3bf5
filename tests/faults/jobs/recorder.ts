import type { Contender } from "../contender.ts";
import type { OperationRecord } from "../history.ts";

/** A promise that is pending so long after its deadline is unsettled. */
const patienceMs = 1_000;

/** Keeps how operations ended. */
export class Recorder {
  readonly #contender: Contender;
  readonly #records = new Map<string, OperationRecord>();
  readonly #pending = new Map<string, { startedAt: number; deadline: number }>();
  #latest = 0;

  constructor(contender: Contender) {
    this.#contender = contender;
  }

  /** Calls, and keeps what came of it; `expected` is the only right answer. Never rejects. */
  async record(
    id: string,
    timeoutMs: number,
    call: () => Promise<unknown>,
    expected?: unknown,
  ): Promise<OperationRecord> {
    const startedAt = performance.now();
    const deadline = startedAt + timeoutMs;
    this.#latest = Math.max(this.#latest, deadline);
    this.#pending.set(id, { startedAt, deadline });
    const record = await this.#outcome(id, startedAt, call, expected);
    this.#pending.delete(id);
    this.#records.set(id, record);
    return record;
  }

  /** How many have not ended. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Waits for all, until a second after the last deadline; what is pending then is unsettled. */
  async finish(): Promise<readonly OperationRecord[]> {
    // An event loop that stood still until now could settle nothing.
    const end = Math.max(this.#latest, performance.now()) + patienceMs;
    while (this.#pending.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const now = performance.now();
    for (const [id, { startedAt }] of this.#pending) {
      this.#records.set(id, { id, ending: "unsettled", tookMs: now - startedAt, endedAt: dateNow() });
    }
    return [...this.#records.values()];
  }

  async #outcome(
    id: string,
    startedAt: number,
    call: () => Promise<unknown>,
    expected: unknown,
  ): Promise<OperationRecord> {
    try {
      const answer = await call();
      const tookMs = performance.now() - startedAt;
      return { id, ending: "ok", tookMs, endedAt: dateNow(), ...(answer === expected ? {} : { wrong: true }) };
    } catch (error) {
      const tookMs = performance.now() - startedAt;
      return { id, tookMs, endedAt: dateNow(), ...this.#contender.told(error) };
    }
  }
}

/** Of one scale for every process of this machine. */
function dateNow(): number {
  return performance.timeOrigin + performance.now();
}
