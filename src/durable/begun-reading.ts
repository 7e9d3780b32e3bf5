import type { StreamReader } from "../transport/event-store.ts";

/** What reads for a subscription, and what works on what it reads. */
export interface BegunReading {
  /** The readers. */
  readonly readers: readonly StreamReader[];
  /** Resolves when handlers that run have ended, or the time is over. */
  readonly stop: (graceMs: number) => Promise<void>;
}
