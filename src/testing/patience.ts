import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { raceAbort } from "../transport/race-abort.ts";
import { type BrokerPresence, lostError } from "./broker-presence.ts";

/** A message on its way. */
export interface Sending {
  /** Names it in error texts. */
  readonly operation: string;
  /** When its sender waits no longer, on the clock's scale. */
  readonly expiresAt: number;
  /** Ends it. */
  readonly signal: AbortSignal | undefined;
}

/** How long messages of one connection wait, and what ends that. */
export class Patience {
  readonly #clock: Clock;
  readonly #presence: BrokerPresence;
  readonly #closing: AbortSignal;

  /** `closing` aborts when the connection is closed. */
  constructor(clock: Clock, presence: BrokerPresence, closing: AbortSignal) {
    this.#clock = clock;
    this.#presence = presence;
    this.#closing = closing;
  }

  /** A message that is sent now. */
  sending(
    { operation, timeoutMs, signal }: {
      readonly operation: string;
      readonly timeoutMs: number;
      readonly signal?: AbortSignal | undefined;
    },
  ): Sending {
    return { operation, expiresAt: this.#clock.now() + timeoutMs, signal };
  }

  /** Waits until the broker is there. @throws {MessagingError} `TIMEOUT`, `CANCELLED`, `DISCONNECTED` */
  async untilBack(sending: Sending): Promise<void> {
    if (this.#presence.isAway) await this.#wait(this.#presence.back(), Infinity, sending, false);
  }

  /**
   * Waits for a time; `sent` tells whether the message may have been executed.
   *
   * @throws {MessagingError} `TIMEOUT`, `CANCELLED`, `DISCONNECTED`
   */
  async pause(delayMs: number, sending: Sending, sent: boolean): Promise<void> {
    await this.#wait(new Promise(() => {}), delayMs, sending, sent);
  }

  async #wait(promise: Promise<void>, delayMs: number, sending: Sending, sent: boolean): Promise<void> {
    const { operation, expiresAt, signal } = sending;
    const fail = (code: "TIMEOUT" | "CANCELLED", what: string, cause?: unknown): MessagingError =>
      new MessagingError(code, `Request "${operation}" ${what}`, {
        operation,
        execution: sent ? "unknown" : "not-executed",
        cause,
      });
    const leftMs = Math.max(0, expiresAt - this.#clock.now());
    let timer: { cancel(): void } | undefined;
    const timed = new Promise<void>((resolve, reject) => {
      const end = (): void => delayMs <= leftMs ? resolve() : reject(fail("TIMEOUT", "got no answer in its time"));
      timer = this.#clock.after(Math.min(delayMs, leftMs), end);
      promise.then(resolve, reject);
    });
    try {
      const open = raceAbort(timed, this.#closing, () => lostError(operation, sent, "its connection was closed"));
      const here = raceAbort(
        open,
        this.#presence.lost,
        (reason) => lostError(operation, sent, (reason as Error).message),
      );
      await raceAbort(here, signal, (reason) => fail("CANCELLED", "was cancelled by its caller", reason));
    } finally {
      timer?.cancel();
    }
  }
}
