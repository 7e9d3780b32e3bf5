/** How an operation ended, as its caller was told. */
export type Ending =
  /** It was done. */
  | "ok"
  /** It failed, and the caller was told that nothing of it was done. */
  | "failed"
  /** It failed, and the caller was told that it was done. */
  | "executed"
  /** The caller was told that nobody knows whether it was done. */
  | "unknown"
  /** It failed, and the caller was told nothing about it. */
  | "unlabelled"
  /** Its promise was pending a second after its deadline. */
  | "unsettled";

/** One operation, from its call to its end. */
export interface OperationRecord {
  readonly id: string;
  readonly ending: Ending;
  /** The error's code or name; absent where there was none. */
  readonly code?: string;
  /** What came back is not what belongs to it. */
  readonly wrong?: boolean;
  /** From the call to the end. */
  readonly tookMs: number;
  /** When it ended, in milliseconds since 1970, to a part of a millisecond. */
  readonly endedAt: number;
}

/** What the records and the handlers' log say together. */
export interface Verdict {
  readonly operations: number;
  /** How many ended in each way. */
  readonly endings: Readonly<Record<Ending, number>>;
  /** How many ended with each code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Came back `ok`, and no handler had run: an answer from nowhere. */
  readonly lost: number;
  /** Ran more than once. */
  readonly duplicated: number;
  /** Told as not executed although it ran, or as executed although it did not. */
  readonly mislabelled: number;
  /** Got another operation's answer. */
  readonly wrong: number;
  /** Failed without having run: what could have been tried again. */
  readonly neverRan: number;
}

/**
 * What was asked and what was done, kept apart and compared at the end, as Jepsen does: every operation is `ok`, failed or
 * unknown, and the handlers' log knows better.
 */
export class History {
  readonly #records: OperationRecord[] = [];
  readonly #runs = new Map<string, number>();

  /** A handler ran for this operation. */
  ran(id: string): void {
    this.#runs.set(id, (this.#runs.get(id) ?? 0) + 1);
  }

  /** How many operations have run. */
  get operationsRun(): number {
    return this.#runs.size;
  }

  /** How often this operation has run. */
  runsOf(id: string): number {
    return this.#runs.get(id) ?? 0;
  }

  /** Takes what callers were told. */
  add(records: readonly OperationRecord[]): void {
    this.#records.push(...records);
  }

  /** The records so far. */
  get records(): readonly OperationRecord[] {
    return this.#records;
  }

  /** Compares. */
  verdict(): Verdict {
    const endings = { ok: 0, failed: 0, executed: 0, unknown: 0, unlabelled: 0, unsettled: 0 };
    const codes: Record<string, number> = {};
    const counts = { lost: 0, duplicated: 0, mislabelled: 0, wrong: 0, neverRan: 0 };
    for (const { id, ending, code, wrong } of this.#records) {
      endings[ending] += 1;
      if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1;
      const runs = this.runsOf(id);
      if (runs > 1) counts.duplicated += 1;
      if (wrong === true) counts.wrong += 1;
      if (ending === "ok" && runs === 0) counts.lost += 1;
      if (ending === "failed" && runs > 0 || ending === "executed" && runs === 0) counts.mislabelled += 1;
      if (ending !== "ok" && runs === 0) counts.neverRan += 1;
    }
    return { operations: this.#records.length, endings, codes, ...counts };
  }
}
