import type { ConsumerInfo } from "@nats-io/jetstream";
import type { ConsumeOptions } from "../../transport/event-store.ts";
import { pause } from "../../transport/pause.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { pinGroup, pinTimeoutMs } from "./consumer-configuration.ts";
import type { DurableConsumer } from "./durable-consumer.ts";
import type { StreamDelivery } from "./stream-delivery.ts";

/** How often a client that has the consumer shows that it lives, in milliseconds. */
const presenceEveryMs = pinTimeoutMs / 4;
/** How often somebody without it looks whether messages were left behind, in milliseconds. */
const lookEveryMs = pinTimeoutMs / 2;
/** So many numbers are asked for again at a takeover, at most; the others come when their time to be settled is over. */
const mostAgain = 10_000;
/** When the broker is asked again what of it is still missing, in milliseconds. */
const missingMs = 500;
/** When it is looked again whether the broker knows what it is being told, in milliseconds. */
const settlingMs = 20;
const encoder = new TextEncoder();
const again = encoder.encode("-NAK");

/** What a turn is made of. */
export interface ExclusiveTurnOptions {
  /** Where. */
  readonly streams: BrokerStreams;
  /** Whose messages. */
  readonly consumer: DurableConsumer;
  /** What the reader was told with. */
  readonly options: ConsumeOptions;
  /** The deliveries here that the broker was not told about. */
  readonly open: ReadonlySet<StreamDelivery>;
  /** How many deliveries the broker is being told about. */
  readonly settling: () => number;
  /** Gives deliveries, in this order. */
  readonly give: (deliveries: readonly StreamDelivery[]) => void;
  /** Asks for more. */
  readonly topUp: () => void;
  /** Shows the broker that this client lives. */
  readonly showPresence: () => void;
}

/**
 * One client's turn with a consumer that one client has at a time (ADR-42). The broker pins the consumer to whoever it gives
 * the first message; what the last client had not settled it would give again only when its time is over, behind newer
 * messages. So a turn begins with one message, asks for those that were left behind, and gives all of them in the stream's
 * order before it takes newer ones.
 */
export class ExclusiveTurn {
  readonly #parts: ExclusiveTurnOptions;
  readonly #held: StreamDelivery[] = [];
  #pinId: string | undefined;
  /** `waiting`: another client has it, or what was on its way may be lost; `beginning`: messages left behind are fetched. */
  #state: "waiting" | "beginning" | "going" = "waiting";
  #missing = 0;
  /** What is newer was not left behind. */
  #boundary = Infinity;
  #turn = 0;
  /** What was delivered up to here may have been asked for again, and come a second time. */
  #askedUpTo = 0;
  /** When the stream took those of them that are done, by sequence: a stream that is made again counts from 1. */
  readonly #done = new Map<number, number>();

  /** It waits. */
  constructor(parts: ExclusiveTurnOptions) {
    this.#parts = parts;
  }

  /** What each request for messages says. */
  fields(): object {
    return { group: pinGroup, ...(this.#pinId === undefined ? {} : { id: this.#pinId }) };
  }

  /** How many messages may be asked for, of so many that there is room for. */
  most(room: number): number {
    if (this.#state === "going") return room;
    // Of those that were left behind all, so that none of them comes behind the message that the turn begins with: they
    // are as many as the last client had room for.
    return this.#state === "beginning" ? this.#missing : Math.min(room - this.#held.length, 1);
  }

  /** Runs until the signal aborts: shows presence, and looks after messages that nobody fetches. */
  async run(signal: AbortSignal): Promise<void> {
    let sinceLookMs = 0;
    for (;;) {
      await pause(this.#parts.streams.clock, presenceEveryMs, signal);
      if (signal.aborted) return this.#wait(undefined);
      if (this.#pinId !== undefined) this.#parts.showPresence();
      sinceLookMs += presenceEveryMs;
      if (this.#state !== "waiting" || sinceLookMs < lookEveryMs) continue;
      sinceLookMs = 0;
      await this.#fetchAbandoned();
    }
  }

  /** A message came. */
  take(delivery: StreamDelivery): void {
    if (this.#done.get(delivery.sequence) === delivery.publishedAt) {
      // It was asked for twice: behind newer ones it would come out of order. The broker may not have kept the first word.
      void delivery.acknowledge().catch(() => {});
      return;
    }
    for (const { sequence } of [...this.#parts.open, ...this.#held]) {
      // It is being worked on here.
      if (sequence === delivery.sequence) return;
    }
    const isAnother = delivery.pinId !== undefined && delivery.pinId !== this.#pinId;
    if (this.#state === "going" && !isAnother) return this.#parts.give([delivery]);
    if (this.#state === "waiting" || isAnother) {
      this.#pinId = delivery.pinId ?? this.#pinId;
      this.#held.push(delivery);
      void this.#begin();
    } else {
      this.#fill(delivery);
    }
  }

  /** The broker is being told what became of it. */
  told({ sequence, publishedAt, isDone }: StreamDelivery): void {
    if (!isDone || sequence > this.#askedUpTo) return;
    this.#done.set(sequence, publishedAt);
    if (this.#done.size > mostAgain) this.#done.delete(this.#done.keys().next().value!);
  }

  /** What was on its way may be lost. */
  gap(): void {
    this.#wait(this.#pinId);
  }

  /** Another client has the consumer. */
  wrongPin(): void {
    this.#wait(undefined);
  }

  /** One more came while a turn begins: one that was left behind, or a newer one that was faster. */
  #fill(delivery: StreamDelivery): void {
    if (delivery.sequence > this.#boundary) {
      // Behind those that are missing, where too many of its like wait beside them.
      if (this.#held.length >= this.#parts.options.window + this.#missing) void delivery.retryLater(0).catch(() => {});
      else this.#held.push(delivery);
      return this.#parts.topUp();
    }
    this.#held.push(delivery);
    // Before the broker has said what is left behind, nobody knows what is missing.
    if (this.#boundary === Infinity) return;
    this.#missing -= 1;
    if (this.#missing <= 0) this.#go();
  }

  #wait(pinId: string | undefined): void {
    this.#turn += 1;
    this.#state = "waiting";
    this.#pinId = pinId;
    // Whoever is next fetches them.
    this.#held.length = 0;
  }

  async #begin(): Promise<void> {
    this.#state = "beginning";
    this.#missing = 0;
    const turn = this.#turn += 1;
    this.#boundary = Infinity;
    const { streams, consumer, settling, topUp } = this.#parts;
    const isOver = (): boolean => this.#turn !== turn || this.#state !== "beginning";
    while (!isOver()) {
      // What the broker is being told about is not left behind.
      const found = settling() > 0 ? undefined : await consumer.look().catch(() => undefined);
      if (isOver()) return;
      if (found !== undefined) {
        this.#missing = this.#fetch(found);
        if (this.#missing <= 0) return this.#go();
        // What was given back since the last look is missing, too.
        this.#boundary = found.delivered.stream_seq;
        // The broker works through its acknowledgements beside its requests: it has to have read them before.
        await streams.connection.flush(missingMs).catch(() => {});
        if (isOver()) return;
        topUp();
      }
      await pause(streams.clock, found === undefined ? settlingMs : missingMs);
    }
  }

  /** What was held is given in order, and from now on all that comes. */
  #go(): void {
    this.#state = "going";
    const { give, topUp } = this.#parts;
    give(this.#held.splice(0).sort((one, other) => one.sequence - other.sequence));
    topUp();
  }

  /** Messages that nobody has settled and nobody works on: the broker would give them when their time is over. */
  async #fetchAbandoned(): Promise<void> {
    const turn = this.#turn;
    const found = await this.#parts.consumer.look().catch(() => undefined);
    if (found === undefined || this.#turn !== turn || this.#state !== "waiting") return;
    const pinnedTo = pinOf(found);
    if (pinnedTo === undefined || pinnedTo === this.#pinId) this.#fetch(found);
  }

  /** Asks for all that is not settled and not here; gives how many that are. Of those that are settled it does nothing. */
  #fetch(found: ConsumerInfo): number {
    const { streams, options, open } = this.#parts;
    const here = new Set([...open, ...this.#held].map(({ sequence }) => sequence));
    const first = found.ack_floor.stream_seq + 1;
    const last = Math.min(found.delivered.stream_seq, first + mostAgain);
    const unsettledHere = [...here].filter((sequence) => sequence >= first).length;
    const missing = found.num_ack_pending - unsettledHere;
    this.#askedUpTo = found.delivered.stream_seq;
    if (missing <= 0) return 0;
    for (let sequence = first; sequence <= last; sequence++) {
      if (here.has(sequence)) continue;
      const subject =
        `$JS.ACK.${options.stream.name}.${options.consumer}.1.${sequence}.${found.delivered.consumer_seq}.0.0`;
      try {
        streams.connection.send(subject, again);
      } catch {
        // The connection is away: what comes after that begins a turn anew.
        break;
      }
    }
    return missing;
  }
}

/** Whom the broker has pinned the consumer to. */
function pinOf(found: ConsumerInfo): string | undefined {
  const { priority_groups: groups } = found as ConsumerInfo & {
    readonly priority_groups?: readonly { readonly pinned_client_id?: string }[];
  };
  return groups?.[0]?.pinned_client_id || undefined;
}
