import type { Clock } from "../../transport/clock.ts";
import { consumerWayOut, orderText } from "../../transport/consumer-texts.ts";
import { type Deadline, DeadlineWheel } from "../../transport/deadline-wheel.ts";
import type { StartPosition, StoredMessage } from "../../transport/event-store.ts";
import type { MemoryStream, StreamFollower } from "./memory-stream.ts";
import { RedeliveryQueue } from "./redelivery-queue.ts";
import { checkSame } from "./stream-differences.ts";
import { type SubjectFilter, subjectFilter } from "./subject-filter.ts";

/** What a durable consumer is. */
export interface ConsumerDefinition {
  /** Which of the stream's messages it gets. */
  readonly subject: string;
  /** How long a delivery may take, in milliseconds; the most patient instance's counts for all, as over NATS. */
  readonly ackWaitMs: number;
  /** Whether one instance at a time gets them. */
  readonly exclusive: boolean;
}

/** One instance's place at a consumer. */
export interface ConsumerSeat {
  /** How many unsettled deliveries it takes. */
  readonly window: number;
  /** How many it has not settled itself: what came again elsewhere is still its work. */
  unsettled: number;
  /** How many it has that have not come again. */
  inFlight: number;
  /** When it last got one. */
  turn: number;
  /** It takes no more, and keeps an exclusive consumer until what it has is settled or comes again. */
  leaving: boolean;
  /** Takes a delivery; never throws. */
  readonly deliver: (message: StoredMessage, place: Pending) => void;
  /** The consumer is gone; what it is to be made of again. */
  readonly onGone: (from: StartPosition) => void;
}

/** A message that was delivered and is not settled. */
export interface Pending {
  /** Its number in the stream. */
  readonly sequence: number;
  /** How often it was delivered. */
  readonly deliveries: number;
}

class PendingMessage implements Pending, Deadline {
  readonly sequence: number;
  readonly #onExpired: (pending: PendingMessage) => void;
  deliveries = 0;
  expiresAt = 0;
  /** Who has it; nobody while it waits to come again. */
  seat: ConsumerSeat | undefined = undefined;
  "~next": Deadline | undefined = undefined;
  "~previous": Deadline | undefined = undefined;

  constructor(sequence: number, onExpired: (pending: PendingMessage) => void) {
    this.sequence = sequence;
    this.#onExpired = onExpired;
  }

  expire(): void {
    this.#onExpired(this);
  }
}

/** A durable consumer of a stream in memory: it knows what was delivered, and delivers again what is not settled. */
export class MemoryConsumer implements StreamFollower {
  readonly #stream: MemoryStream;
  readonly #name: string;
  #definition: ConsumerDefinition;
  readonly #wanted: SubjectFilter;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #pending = new Map<number, PendingMessage>();
  readonly #again = new RedeliveryQueue<PendingMessage>();
  readonly #unfollow: () => void;
  #seats: readonly ConsumerSeat[] = [];
  /** The sequence of the next message that was never delivered. */
  #next: number;
  #turn = 0;
  #delivering = false;

  /** A consumer that nobody reads yet. */
  constructor(stream: MemoryStream, name: string, definition: ConsumerDefinition, from: StartPosition, clock: Clock) {
    this.#stream = stream;
    this.#name = name;
    this.#definition = {
      subject: definition.subject,
      ackWaitMs: definition.ackWaitMs,
      exclusive: definition.exclusive,
    };
    this.#wanted = subjectFilter(definition.subject);
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock);
    this.#next = stream.sequenceAt(from);
    this.#unfollow = stream.follow(this);
  }

  /** Refuses a definition that is not its own. @throws {MessagingError} `UNSUPPORTED`, with each difference */
  check({ subject, ackWaitMs, exclusive }: ConsumerDefinition): void {
    const { ackWaitMs: there, ...others } = this.#definition;
    const shown = (of: Pick<ConsumerDefinition, "subject" | "exclusive">): object => ({
      subject: of.subject,
      orderedBy: orderText(of.exclusive),
    });
    const what = `Consumer "${this.#name}" of stream "${this.#stream.name}"`;
    checkSame(what, shown(others), shown({ subject, exclusive }), consumerWayOut);
    this.#definition = { ...others, ackWaitMs: Math.max(there, ackWaitMs) };
  }

  /** Takes an instance in, and gives it what there is. */
  join(seat: ConsumerSeat): void {
    // Of a consumer that was deleted, it may have others still.
    seat.inFlight = 0;
    seat.turn = 0;
    const alone = !this.#seats.some(({ leaving }) => !leaving);
    this.#seats = [...this.#seats, seat];
    if (alone) this.#wait();
    this.deliver();
  }

  /** Gives an instance nothing more. What it has can still be settled, and comes again if it is not. */
  leave(seat: ConsumerSeat): void {
    seat.leaving = true;
    if (!this.#definition.exclusive || seat.inFlight === 0 || this.#seats[0] !== seat) this.#remove(seat);
    // Nobody is there to deliver to: a timer would keep the program alive for nothing.
    if (!this.#seats.some(({ leaving }) => !leaving)) {
      for (const pending of this.#pending.values()) this.#wheel.remove(pending);
    }
  }

  /** It is done, or is to come no more. What may be delivered now is by `deliver`. */
  settle(sequence: number): void {
    const pending = this.#pending.get(sequence);
    if (pending === undefined) return;
    this.#pending.delete(sequence);
    this.#wheel.remove(pending);
    this.#again.delete(pending);
    this.#release(pending);
  }

  /** This delivery is to come again after a while; nothing where it came again meanwhile. */
  retryLater({ sequence, deliveries }: Pending, delayMs: number): void {
    const pending = this.#pending.get(sequence);
    if (pending?.seat === undefined || pending.deliveries !== deliveries) return;
    if (delayMs > 0) this.#waitFor(pending, delayMs);
    else this.#comeAgain(pending);
    this.#release(pending);
  }

  /** This delivery's time starts again. */
  keepAlive({ sequence, deliveries }: Pending): void {
    const pending = this.#pending.get(sequence);
    if (pending?.seat === undefined || pending.deliveries !== deliveries) return;
    this.#waitFor(pending, this.#definition.ackWaitMs);
  }

  /** Gives what there is to who has room. */
  deliver(): void {
    // What a delivery calls meanwhile is seen by the loop that runs.
    if (this.#delivering) return;
    this.#delivering = true;
    for (;;) {
      const seat = this.#freeSeat();
      const [message, pending] = seat === undefined ? [] : this.#nextMessage();
      if (seat === undefined || message === undefined || pending === undefined) break;
      pending.deliveries += 1;
      pending.seat = seat;
      seat.inFlight += 1;
      seat.unsettled += 1;
      seat.turn = this.#turn += 1;
      this.#waitFor(pending, this.#definition.ackWaitMs);
      const { sequence, deliveries } = pending;
      seat.deliver(message, { sequence, deliveries });
    }
    this.#delivering = false;
  }

  /** The stream has a message more. */
  onStored(): void {
    this.deliver();
  }

  /** The stream is gone: one of its name that is made again is read from its beginning. */
  onGone(): void {
    this.#end("all");
  }

  /** Nobody gets anything of it any more; one that is made in its place goes on behind what was settled. */
  delete(): void {
    let oldest = this.#next;
    for (const sequence of this.#pending.keys()) oldest = Math.min(oldest, sequence);
    this.#end({ sequence: oldest });
  }

  #end(from: StartPosition): void {
    this.#unfollow();
    for (const pending of this.#pending.values()) this.#wheel.remove(pending);
    this.#pending.clear();
    this.#again.clear();
    const seats = this.#seats;
    this.#seats = [];
    for (const seat of seats) if (!seat.leaving) seat.onGone(from);
  }

  /** Of those that have room, the one whose turn is longest ago; the first one alone where that is to be. */
  #freeSeat(): ConsumerSeat | undefined {
    const candidates = this.#definition.exclusive ? this.#seats.slice(0, 1) : this.#seats;
    const free = candidates.filter(({ unsettled, window, leaving }) => unsettled < window && !leaving);
    return free.length === 0 ? undefined : free.reduce((one, other) => other.turn < one.turn ? other : one);
  }

  /** What comes again, the oldest first, and then what is new. */
  #nextMessage(): [StoredMessage, PendingMessage] | [] {
    for (let pending = this.#again.take(); pending !== undefined; pending = this.#again.take()) {
      const message = this.#stream.get(pending.sequence);
      if (message !== undefined) return [message, pending];
      this.#pending.delete(pending.sequence);
    }
    const message = this.#stream.find(this.#next, this.#wanted);
    this.#next = Math.max(this.#next, (message?.sequence ?? this.#stream.last) + 1);
    if (message === undefined) return [];
    const pending = new PendingMessage(message.sequence, (expired) => this.#expire(expired));
    this.#pending.set(message.sequence, pending);
    return [message, pending];
  }

  #expire(pending: PendingMessage): void {
    this.#comeAgain(pending);
    this.#release(pending);
    this.deliver();
  }

  #comeAgain(pending: PendingMessage): void {
    this.#wheel.remove(pending);
    this.#again.add(pending);
  }

  #waitFor(pending: PendingMessage, delayMs: number): void {
    pending.expiresAt = this.#clock.now() + delayMs;
    if (this.#seats.some(({ leaving }) => !leaving)) this.#wheel.add(pending);
    else this.#wheel.remove(pending);
  }

  /** Goes on with the times that ran while nobody was there. */
  #wait(): void {
    for (const pending of this.#pending.values()) if (!this.#again.has(pending)) this.#wheel.add(pending);
  }

  #release(pending: PendingMessage): void {
    const { seat } = pending;
    pending.seat = undefined;
    if (seat === undefined) return;
    seat.inFlight -= 1;
    if (seat.leaving && seat.inFlight === 0) this.#remove(seat);
  }

  #remove(seat: ConsumerSeat): void {
    const first = this.#seats[0];
    this.#seats = this.#seats.filter((other) => other !== seat);
    // The next one knows nothing of what the last one put off, so it begins with that.
    if (this.#definition.exclusive && first === seat) {
      for (const pending of this.#pending.values()) this.#comeAgain(pending);
    }
    this.deliver();
  }
}
