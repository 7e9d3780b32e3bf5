import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { DeadlineWheel } from "../transport/deadline-wheel.ts";
import type { RunningRequest } from "./running-request.ts";

/** The requests that run: each under its deadline, found by its id when its caller cancels it. */
export class RunningRequests {
  readonly #wheel: DeadlineWheel;
  readonly #byId = new Map<string, Set<RunningRequest>>();

  /** On this clock. */
  constructor(clock: Clock) {
    this.#wheel = new DeadlineWheel(clock);
  }

  /** One begins. */
  add(running: RunningRequest): void {
    this.#wheel.add(running);
    const same = this.#byId.get(running.requestId);
    if (same === undefined) this.#byId.set(running.requestId, new Set([running]));
    else same.add(running);
  }

  /** One has ended. */
  remove(running: RunningRequest): void {
    this.#wheel.remove(running);
    const same = this.#byId.get(running.requestId);
    if (same?.delete(running) && same.size === 0) this.#byId.delete(running.requestId);
  }

  /** A caller no longer waits for those with this id. */
  cancel(requestId: string): void {
    for (const running of this.#byId.get(requestId) ?? []) {
      running.abort(new MessagingError("CANCELLED", `Request "${running.operation}" was cancelled by its caller`));
    }
  }
}
