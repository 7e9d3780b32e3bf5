import type { MessagingError } from "../errors/messaging-error.ts";
import type { Clock, Timer } from "../transport/clock.ts";
import type { ResolvedAuthentication } from "./authentication.ts";

/** The part of credentials' life after which others are asked for. */
const usedPart = 0.7;
/** Less than this is not worth asking for: the broker will end the connection, and another one is made. */
const leastLifeMs = 50;

/** What a refresh of credentials is made of. */
export interface CredentialsRefreshOptions {
  /** Time. */
  readonly clock: Clock;
  /** Asks for credentials. */
  readonly ask: () => Promise<ResolvedAuthentication>;
  /** There are credentials that last longer. */
  readonly onFresh: (credentials: ResolvedAuthentication) => void;
  /** There are none now; they are asked for again. */
  readonly onFailure: (error: MessagingError) => void;
}

/** Asks for other credentials when seven tenths of what is left of their life have passed, again and again. */
export class CredentialsRefresh {
  readonly #options: CredentialsRefreshOptions;
  #timer: Timer | undefined;
  #round = 0;

  /** Nothing is scheduled yet. */
  constructor(options: CredentialsRefreshOptions) {
    this.#options = options;
  }

  /** The connection lives by credentials that end then, in milliseconds since 1970. */
  schedule(expiresAt: number | undefined): void {
    this.stop();
    if (expiresAt === undefined) return;
    const { clock } = this.#options;
    const leftMs = expiresAt - clock.date();
    if (leftMs < leastLifeMs) return;
    const round = this.#round;
    const waitMs = usedPart * leftMs;
    this.#timer = clock.after(waitMs, () => {
      // A timer has a longest delay; credentials may live longer.
      if (expiresAt - clock.date() > leftMs - waitMs + 1) this.schedule(expiresAt);
      else void this.#ask(expiresAt, round);
    });
  }

  /** Asks no more. */
  stop(): void {
    this.#round += 1;
    this.#timer?.cancel();
  }

  async #ask(expiresAt: number, round: number): Promise<void> {
    const { ask, onFresh, onFailure } = this.#options;
    let fresh: ResolvedAuthentication | undefined;
    try {
      fresh = await ask();
    } catch (error) {
      if (round === this.#round) onFailure(error as MessagingError);
    }
    if (round !== this.#round) return;
    this.schedule(expiresAt);
    if (fresh !== undefined && (fresh.expiresAt ?? Infinity) > expiresAt) onFresh(fresh);
  }
}
