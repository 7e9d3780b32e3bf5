import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { DeadlineWheel } from "../transport/deadline-wheel.ts";
import type { RunningRequest } from "./running-request.ts";

/** The requests that run: each under its deadline, found by its reply token when its caller cancels it. */
export class RunningRequests {
  readonly #wheel: DeadlineWheel;
  readonly #byReplyToken = new Map<string, Set<RunningRequest>>();

  /** On this clock. */
  constructor(clock: Clock) {
    this.#wheel = new DeadlineWheel(clock);
  }

  /** One begins. */
  add(running: RunningRequest): void {
    this.#wheel.add(running);
    const same = this.#byReplyToken.get(running.replyToken);
    if (same === undefined) this.#byReplyToken.set(running.replyToken, new Set([running]));
    else same.add(running);
  }

  /** One has ended. */
  remove(running: RunningRequest): void {
    this.#wheel.remove(running);
    const same = this.#byReplyToken.get(running.replyToken);
    if (same?.delete(running) && same.size === 0) this.#byReplyToken.delete(running.replyToken);
  }

  /** A caller no longer waits for its request: a request id could be another caller's `idempotencyKey`. */
  cancel(replyToken: string): void {
    for (const running of this.#byReplyToken.get(replyToken) ?? []) {
      running.abort(new MessagingError("CANCELLED", `Request "${running.operation}" was cancelled by its caller`));
    }
  }
}
