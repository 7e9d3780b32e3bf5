import type { MessagingError } from "../../errors/messaging-error.ts";
import type { Clock } from "../../transport/clock.ts";
import { findStream } from "./ensure-stream.ts";
import type { StreamApi } from "./stream-api.ts";

/** `unknown`: this connection may not ask. A stream that is between two leaders is `there`. */
export type Presence = "there" | "gone" | "unknown";

const validMs = 500;
/** How long a look may take, in milliseconds. */
export const longestLookMs: number = 1_000;

/** Whether streams are there that nobody answers for; many who store at once ask the broker once. */
export class StreamPresence {
  readonly #api: StreamApi;
  readonly #clock: Clock;
  readonly #looks = new Map<string, { readonly endsAt: number; readonly presence: Promise<Presence> }>();

  /** Nothing is asked yet. */
  constructor(api: StreamApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Looks, or says what was seen a moment ago. */
  async look(stream: string): Promise<Presence> {
    const last = this.#looks.get(stream);
    if (last !== undefined && last.endsAt > this.#clock.now()) return await last.presence;
    // What was seen of others is of no use any more either.
    this.#looks.clear();
    const presence = this.#ask(stream);
    this.#looks.set(stream, { endsAt: this.#clock.now() + validMs, presence });
    return await presence;
  }

  async #ask(stream: string): Promise<Presence> {
    try {
      const found = await findStream(this.#api, stream, { timeoutMs: longestLookMs, operation: stream });
      return found === undefined ? "gone" : "there";
    } catch (error) {
      const { code } = error as MessagingError;
      if (code === "FORBIDDEN") return "unknown";
      return code === "UNSUPPORTED" ? "gone" : "there";
    }
  }
}
