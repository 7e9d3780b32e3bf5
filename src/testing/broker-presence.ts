import { MessagingError } from "../errors/messaging-error.ts";
import { withResolvers } from "../transport/with-resolvers.ts";

/** Tells whether the broker is there, and ends or keeps what depends on it. */
export class BrokerPresence {
  #back: ReturnType<typeof withResolvers<void>> | undefined;
  #lost = new AbortController();

  /** Whether the broker cannot be reached. */
  get isAway(): boolean {
    return this.#back !== undefined;
  }

  /** Aborts when the broker is lost the next time. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Resolves when the broker is there. */
  back(): Promise<void> {
    return this.#back?.promise ?? Promise.resolve();
  }

  /** It is lost; `false` where it was before. */
  lose(reason: Error): boolean {
    if (this.#back !== undefined) return false;
    this.#back = withResolvers();
    const lost = this.#lost;
    this.#lost = new AbortController();
    lost.abort(reason);
    return true;
  }

  /** It is there again; `false` where it was before. */
  restore(): boolean {
    const back = this.#back;
    this.#back = undefined;
    back?.resolve();
    return back !== undefined;
  }
}

/** The error for what a lost connection ends. */
export function lostError(operation: string | undefined, sent: boolean, reason: string): MessagingError {
  const what = operation === undefined ? "A message" : `"${operation}"`;
  return new MessagingError("DISCONNECTED", `${what} was ${sent ? "not answered" : "not sent"}: ${reason}`, {
    operation,
    execution: sent ? "unknown" : "not-executed",
  });
}
