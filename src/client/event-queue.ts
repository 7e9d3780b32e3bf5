import { isPromise } from "../contract/value-or-promise.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { EventGap, OverflowPolicy } from "./client-options.ts";

/** What an event queue is made of. */
export interface EventQueueOptions<Event> {
  /** How many run at once. */
  readonly concurrency: number;
  /** How many wait. */
  readonly queueLimit: number;
  /** How many bytes wait. */
  readonly queueBytes: number;
  /** What happens to an event over these limits. */
  readonly overflow: OverflowPolicy;
  /** Handles an event; `missed` are missing just before it. Never throws and never rejects. */
  readonly run: (event: Event, missed: number) => void | Promise<void>;
  /** Some are missing here. Never throws and never rejects. */
  readonly onGap: (gap: EventGap) => void | Promise<void>;
  /** One was dropped. Never throws. */
  readonly onDropped: () => void;
  /** Too many wait, and the policy is to end. */
  readonly onCut: () => void;
}

interface WaitingEvent<Event> {
  readonly event: Event;
  readonly bytes: number;
  /** How many are missing just before it. */
  missed: number;
  /** How many of them no gap has told of. */
  untold: number;
}

/** A place where events may be missing, which waits for its turn like an event. */
interface WaitingGap {
  readonly bytes: 0;
  readonly reason: EventGap["reason"];
  missed: number | undefined;
}

/** Events that wait for their handler, in order and bounded, and the places among them where some are missing. */
export class EventQueue<Event> {
  readonly #options: EventQueueOptions<Event>;
  readonly #queue: TaskQueue<WaitingEvent<Event> | WaitingGap>;
  /** The newest that were dropped: missing before the next that is taken. */
  #missed = 0;
  /** The gap that tells of them, while it waits. */
  #newestGap: WaitingGap & { missed: number } | undefined;
  #cut = false;

  /** Nothing waits yet. @throws {TypeError} for limits or a policy that are none */
  constructor(options: EventQueueOptions<Event>) {
    if (!["drop-oldest", "drop-newest", "disconnect"].includes(options.overflow)) {
      throw new TypeError('Cannot use `overflow`: "drop-oldest", "drop-newest" or "disconnect" is wanted');
    }
    this.#options = options;
    const { concurrency, queueLimit, queueBytes } = options;
    this.#queue = new TaskQueue({
      concurrency,
      queueLimit,
      queueBytes,
      bytesOf: ({ bytes }) => bytes,
      run: (item) => this.#run(item),
    });
  }

  /** Takes an event; over the limits the policy says which one goes. */
  add(event: Event, bytes: number): void {
    if (this.#cut) return;
    const own: WaitingEvent<Event> = { event, bytes, missed: 0, untold: 0 };
    if (!this.#queue.hasRoom && !this.#makeRoom(own)) return;
    own.missed += this.#missed;
    this.#missed = 0;
    this.#newestGap = undefined;
    this.#queue.add(own);
  }

  /** Some may be missing between those that came and those that come. */
  addGap(gap: EventGap): void {
    this.#newestGap = undefined;
    this.#queue.add({ bytes: 0, ...gap });
  }

  /** Resolves when nothing runs or waits. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Drops what waits, and resolves when the handlers that run have ended. */
  end(): Promise<void> {
    this.#queue.clear();
    return this.#queue.idle();
  }

  /** Whether there is room for one more now. */
  #makeRoom(own: WaitingEvent<Event>): boolean {
    const { overflow, queueLimit, onCut } = this.#options;
    if (overflow === "disconnect") {
      this.#cut = true;
      onCut();
      return false;
    }
    if (overflow === "drop-newest" || queueLimit === 0) {
      this.#dropNewest();
      return false;
    }
    this.#dropOldest(own);
    return true;
  }

  /** The gap in the place of the newest waits behind all that wait, over the limit. */
  #dropNewest(): void {
    this.#missed += 1;
    if (this.#newestGap === undefined) {
      this.#newestGap = { bytes: 0, reason: "overflow", missed: 1 };
      this.#queue.add(this.#newestGap);
    } else {
      this.#newestGap.missed += 1;
    }
    this.#options.onDropped();
  }

  /** Drops until there is room; whichever comes next then says how many are missing before it. */
  #dropOldest(own: WaitingEvent<Event>): void {
    let missed = 0;
    let untold = 0;
    for (let next = this.#queue.oldest; next !== undefined; next = this.#queue.oldest) {
      if (this.#queue.hasRoom && !isGap(next)) break;
      this.#queue.dropOldest();
      if (isGap(next)) {
        void this.#run(next);
        continue;
      }
      missed += next.missed + 1;
      untold += next.untold + 1;
      this.#options.onDropped();
    }
    const next = this.#queue.oldest as WaitingEvent<Event> | undefined ?? own;
    next.missed += missed;
    next.untold += untold;
  }

  #run(item: WaitingEvent<Event> | WaitingGap): void | Promise<void> {
    const { run, onGap } = this.#options;
    if (isGap(item)) {
      if (item === this.#newestGap) this.#newestGap = undefined;
      return onGap({ reason: item.reason, missed: item.missed });
    }
    const { event, missed, untold } = item;
    const told = untold === 0 ? undefined : onGap({ reason: "overflow", missed: untold });
    return isPromise(told) ? Promise.resolve(told).then(() => run(event, missed)) : run(event, missed);
  }
}

function isGap<Event>(item: WaitingEvent<Event> | WaitingGap): item is WaitingGap {
  return "reason" in item;
}
