import type { Clock } from "../transport/clock.ts";
import { pause } from "../transport/pause.ts";
import type { Session } from "./session.ts";

/** How long a session that was moved away from stays for the answers that are on their way, in milliseconds. */
const stayMs = 5_000;
const lookMs = 50;

/** Sessions that another one has taken the place of: they stay until what was asked over them is answered. */
export class RetiringSessions {
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  readonly #ending: AbortSignal;

  /** None yet; the signal ends all of them. */
  constructor(clock: Clock, ending: AbortSignal) {
    this.#clock = clock;
    this.#ending = ending;
  }

  /** Closes a session when all is answered, or after a while. */
  async add(session: Session, isAnswered: () => boolean): Promise<void> {
    this.#sessions.add(session);
    const end = this.#clock.now() + stayMs;
    await session.confirmWithin(stayMs).catch(() => {});
    while (session.isOpen && !isAnswered() && this.#clock.now() < end) {
      await pause(this.#clock, lookMs, this.#ending);
    }
    this.#sessions.delete(session);
    session.close();
  }

  /** Closes all at once. */
  end(): void {
    for (const session of this.#sessions) session.close();
  }
}
