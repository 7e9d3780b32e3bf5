import type { EventOperation } from "../contract/contract.ts";
import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { isMessagingError } from "../errors/messaging-error.ts";
import type { Clock, Timer } from "../transport/clock.ts";
import type { Delivery } from "../transport/event-store.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import { type DeadLetterWriter, type DeathReason, deathReason } from "./dead-letter-writer.ts";
import { type DeliveryRun, type DeliverySource, failureOf } from "./delivery-run.ts";
import { InOrder } from "./in-order.ts";
import { KeyLanes } from "./key-lanes.ts";
import { retryDelayMs } from "./retry-pace.ts";
import type { StoredListener } from "./stored-listener.ts";
import type { StoredEventReader } from "./stored-event-reader.ts";
import { within } from "./within.ts";

/** Codes of an event that can never be handled as it is. */
const poisonCodes = new Set(["INVALID_EVENT", "MALFORMED_MESSAGE", "DECRYPTION_FAILED"]);
/** Deliveries that nobody settled are a process that died, and no failure; so many times `maxAttempts` of them are one. */
const abandonedFactor = 3;
/** And never fewer than this: restarts in good order are deliveries, too. */
const fewestAbandoned = 15;

/** What a delivery runner is made of. */
export interface DeliveryRunnerOptions {
  /** Which event. */
  readonly operation: EventOperation;
  /** The subscription's name. */
  readonly durable: string;
  /** Reads it. */
  readonly reader: StoredEventReader;
  /** Writes what cannot be handled. */
  readonly letters: DeadLetterWriter;
  /** Takes a checked event. */
  readonly handle: StoredListener["handle"];
  /** How many handlers run at once. */
  readonly concurrency: number;
  /** How often an event is delivered before it becomes a dead letter. */
  readonly maxAttempts: number;
  /** How long to wait before each further attempt, in milliseconds. */
  readonly backoffMs: readonly number[] | undefined;
  /** The field that orders events. */
  readonly orderedBy: string | undefined;
  /** How long the broker waits for a sign of life, in milliseconds. */
  readonly ackWaitMs: number;
  /** Takes what was sent again out of its stream once it is done. */
  readonly onDone: (source: DeliverySource, sequence: number) => void;
  /** Hears of every attempt that failed. Never throws. */
  readonly onError: StoredListener["onError"];
  /** Hears of every dead letter that was written. Never throws. */
  readonly onBuried: (failure: ReturnType<typeof failureOf>, why: DeathReason) => void;
  /** Time and randomness. */
  readonly clock: Clock;
}

/**
 * Handles the deliveries of a durable subscription: keeps them alive, acknowledges those that are handled, has those that
 * failed delivered again, and buries what cannot be handled. The same event is never worked on twice at once here.
 */
export class DeliveryRunner {
  readonly #options: DeliveryRunnerOptions;
  readonly #sources: readonly DeliverySource[];
  readonly #queue: TaskQueue<DeliveryRun>;
  readonly #lanes = new KeyLanes<DeliveryRun>();
  /** Those of a lane that wait for their next attempt. */
  readonly #pausing = new Map<DeliveryRun, Timer>();
  readonly #arrivals = new InOrder();
  #heartbeat: Timer | undefined;
  #stopped = false;
  #whenIdle: (() => void)[] = [];

  /** For one subscription and all its sources. @throws {TypeError} for a concurrency that is none */
  constructor(sources: readonly DeliverySource[], options: DeliveryRunnerOptions) {
    this.#sources = sources;
    this.#options = options;
    const { concurrency } = options;
    // The store holds back what is over its window; here all that came is taken.
    this.#queue = new TaskQueue({ concurrency, queueLimit: concurrency, run: (run) => this.#process(run) });
  }

  /** Takes a delivery. */
  receive(source: DeliverySource, delivery: Delivery): void {
    const running = source.running.get(delivery.sequence);
    if (running?.delivery.publishedAt === delivery.publishedAt) {
      running.delivery = delivery;
      if (running.done) this.#tell(running, delivery.acknowledge());
      return;
    }
    const run: DeliveryRun = {
      source,
      delivery,
      attempt: delivery.deliveries,
      opened: undefined,
      prepared: undefined,
      failure: undefined,
      read: false,
      key: undefined,
      burial: undefined,
      done: false,
    };
    if (this.#stopped) return this.#giveBack(run);
    source.running.set(delivery.sequence, run);
    const decided = source.settled.find(delivery);
    if (decided === "done") return this.#finish(run, delivery.acknowledge());
    this.#beat();
    run.burial = decided;
    const { orderedBy } = this.#options;
    if (decided !== undefined || orderedBy === undefined) return this.#queue.add(run);
    this.#arrivals.add(() => this.#read(run), (data) => this.#place(run, orderedBy, data), (error) => {
      // It has no key that anybody knows, so it waits for nobody.
      run.failure = { error };
      this.#queue.add(run);
    });
  }

  /** Starts no further handler, gives back what waits, and resolves when those that run have ended or the time is over. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#pausing.values()) timer.cancel();
    const waiting = [...this.#queue.clear(), ...this.#lanes.clear(), ...this.#pausing.keys()];
    this.#pausing.clear();
    // In order, so that they come again in order.
    for (const run of waiting.sort((one, other) => one.delivery.sequence - other.delivery.sequence)) {
      run.source.running.delete(run.delivery.sequence);
      this.#giveBack(run);
    }
    await within(this.#idle(), graceMs, this.#options.clock);
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
  }

  #process(run: DeliveryRun): void | Promise<void> {
    if (this.#stopped) return this.#release(run);
    if (run.burial !== undefined) return this.#bury(run, run.burial);
    const { deliveries } = run.delivery;
    if (deliveries > Math.max(fewestAbandoned, this.#options.maxAttempts * abandonedFactor)) {
      const detail = `It was delivered ${deliveries} times and never settled`;
      return this.#bury(run, { reason: "ABANDONED", detail, attempts: deliveries });
    }
    try {
      const handled = this.#handle(run);
      if (isPromise(handled)) return this.#heard(run, handled);
    } catch (error) {
      return this.#fail(run, error);
    }
    this.#finish(run, run.delivery.acknowledge());
  }

  async #heard(run: DeliveryRun, handled: PromiseLike<unknown>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      return await this.#fail(run, error);
    }
    this.#finish(run, run.delivery.acknowledge());
  }

  #handle(run: DeliveryRun): ValueOrPromise<unknown> {
    if (run.failure !== undefined) throw run.failure.error;
    const data = run.prepared === undefined ? this.#read(run) : run.prepared.data;
    run.prepared = undefined;
    return isPromise(data) ? data.then((value) => this.#hand(run, value)) : this.#hand(run, data);
  }

  #hand(run: DeliveryRun, data: unknown): ValueOrPromise<unknown> {
    run.read = true;
    const { operation, durable, handle } = this.#options;
    const { params, headers, origin } = run.opened!;
    return handle(data, {
      event: operation.name,
      subject: origin.subject,
      params,
      headers,
      missed: 0,
      id: origin.id,
      durable,
      sequence: origin.sequence,
      attempt: run.attempt,
      redelivered: run.attempt > 1 || run.source.sentAgain,
      publishedAt: new Date(origin.publishedAt),
    });
  }

  #read(run: DeliveryRun): ValueOrPromise<unknown> {
    const { reader } = this.#options;
    const { delivery, source } = run;
    run.opened ??= reader.open(delivery, source.stream, source.sentAgain);
    return reader.data(delivery, run.opened);
  }

  #fail(run: DeliveryRun, error: unknown): void | Promise<void> {
    const { maxAttempts, backoffMs, clock, onError } = this.#options;
    const poison = !run.read && isMessagingError(error) && poisonCodes.has(error.code);
    const isLast = poison || run.attempt >= maxAttempts;
    onError(error, failureOf(run, this.#options, isLast));
    if (isLast) return this.#bury(run, deathReason(error, run.read, run.attempt));
    const delayMs = retryDelayMs(run.attempt, backoffMs, error, clock);
    if (run.key === undefined) this.#comeAgain(run, delayMs);
    else this.#tryHere(run, delayMs);
  }

  /** It keeps its place in its lane: delivered again it would come behind those that follow it. */
  #tryHere(run: DeliveryRun, delayMs: number): void {
    if (this.#stopped) return this.#release(run);
    run.attempt += 1;
    run.read = false;
    const again = (): void => {
      this.#pausing.delete(run);
      this.#queue.add(run);
    };
    this.#pausing.set(run, this.#options.clock.after(delayMs, again));
  }

  async #bury(run: DeliveryRun, why: DeathReason): Promise<void> {
    const { letters, clock, onError, onBuried } = this.#options;
    const { delivery, source, opened } = run;
    run.burial = why;
    try {
      await letters.write({ message: delivery, opened, ...source, why, at: clock.date() });
    } catch (error) {
      onError(error, failureOf(run, this.#options, false));
      source.settled.keep(delivery, why);
      const delayMs = retryDelayMs(run.attempt, undefined, error, clock);
      if (run.key === undefined) this.#comeAgain(run, delayMs);
      else this.#tryHere(run, delayMs);
      return;
    }
    onBuried(failureOf(run, this.#options, true), why);
    this.#finish(run, run.delivery.discard(why.reason));
  }

  /** What comes again is a new delivery, and maybe another instance's. */
  #comeAgain(run: DeliveryRun, delayMs: number): void {
    this.#leave(run);
    run.delivery.retryLater(delayMs).catch(() => {});
  }

  /** It is done; whether the broker has heard that shows when `told` resolves. */
  #finish(run: DeliveryRun, told: Promise<void>): void {
    run.done = true;
    this.#tell(run, told);
  }

  #tell(run: DeliveryRun, told: Promise<void>): void {
    const { source, delivery } = run;
    told.then(() => {
      source.settled.forget(delivery);
      this.#options.onDone(source, delivery.sequence);
    }, () => source.settled.keep(delivery, "done")).then(() => this.#leave(run));
  }

  #release(run: DeliveryRun): void {
    this.#leave(run);
    this.#giveBack(run);
  }

  #giveBack(run: DeliveryRun): void {
    run.delivery.retryLater(0).catch(() => {});
  }

  /** It is worked on no longer: the next of its key may run. */
  #leave(run: DeliveryRun): void {
    const { source, delivery, key } = run;
    if (source.running.get(delivery.sequence) === run) source.running.delete(delivery.sequence);
    const next = key === undefined ? undefined : this.#lanes.leave(key);
    run.key = undefined;
    if (next !== undefined) this.#queue.add(next);
    if (this.#whenIdle.length > 0 && this.#isIdle) { for (const wake of this.#whenIdle.splice(0)) wake(); }
  }

  #place(run: DeliveryRun, field: string, data: unknown): void {
    if (this.#stopped) return this.#release(run);
    const value = (data as Record<string, unknown> | undefined)?.[field];
    run.prepared = { data };
    // What has no order of its own is ordered with all of its kind.
    run.key = typeof value === "string" || typeof value === "number" ? `${typeof value} ${value}` : typeof value;
    if (this.#lanes.enter(run.key, run)) this.#queue.add(run);
  }

  /** All that is worked on gives a sign of life, three times in the time that the broker waits for one. */
  #beat(): void {
    const { clock, ackWaitMs } = this.#options;
    this.#heartbeat ??= clock.after(ackWaitMs / 3, () => {
      this.#heartbeat = undefined;
      if (this.#isIdle) return;
      for (const { running } of this.#sources) {
        for (const { delivery, done } of running.values()) if (!done) delivery.keepAlive();
      }
      this.#beat();
    });
  }

  get #isIdle(): boolean {
    return this.#sources.every(({ running }) => running.size === 0);
  }

  #idle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }
}
