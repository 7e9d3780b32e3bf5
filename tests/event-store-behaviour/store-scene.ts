import type {
  ConsumeOptions,
  Delivery,
  EventStore,
  MessageHeaders,
  ReadingState,
  ReplayOptions,
  StoredAcknowledgement,
  StoredMessage,
  StreamDefinition,
  StreamReader,
  TransportConnection,
} from "../../mod.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";

/** Options of calls that have to succeed. */
export const callOptions = { timeoutMs: 5_000, operation: "a test's call" };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One participant. */
export interface Participant {
  readonly connection: TransportConnection;
  readonly store: EventStore;
}

/** An instance that consumes, and what it got. */
export interface Consuming {
  readonly reader: StreamReader;
  readonly deliveries: Delivery[];
  readonly states: ReadingState[];
}

/** Somebody who replays, and what they got. */
export interface Replaying {
  readonly reader: StreamReader;
  readonly messages: StoredMessage[];
  readonly states: ReadingState[];
  /** How many messages there were at each reset. */
  readonly resets: number[];
  /** How many messages there were when it had caught up. */
  readonly caughtUp: number[];
}

let scenes = 0;

/** A stream of a test's own, and participants that end with it. */
export class StoreScene implements AsyncDisposable {
  readonly kind: EventStoreKind;
  /** In front of all subjects. */
  readonly root: string;
  readonly stream: StreamDefinition;
  readonly #participants: Participant[] = [];
  #ids = 0;

  private constructor(kind: EventStoreKind, root: string, limits: Partial<StreamDefinition>) {
    this.kind = kind;
    this.root = root;
    this.stream = { name: root.toUpperCase().replaceAll(".", "_"), subjects: [`${root}.>`], ...limits };
  }

  /** Opens a participant and makes the stream. */
  static async open(kind: EventStoreKind, limits: Partial<StreamDefinition> = {}): Promise<StoreScene> {
    scenes += 1;
    const root = `t${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}.s${scenes}`;
    const scene = new StoreScene(kind, root, limits);
    await scene.join();
    await scene.store.ensureStream(scene.stream, callOptions);
    return scene;
  }

  /** The first participant's. */
  get store(): EventStore {
    return this.#participants[0]!.store;
  }

  /** The first participant's. */
  get connection(): TransportConnection {
    return this.#participants[0]!.connection;
  }

  /** Another participant. */
  async join(): Promise<Participant> {
    const connection = await this.kind.connect().open();
    const participant = { connection, store: await connection.eventStore!() };
    this.#participants.push(participant);
    return participant;
  }

  /** Stores a text under a subject of the stream. */
  put(
    name: string,
    text: string = name,
    { messageId = `own-${this.#ids += 1}`, headers }: { messageId?: string; headers?: MessageHeaders } = {},
  ): Promise<StoredAcknowledgement> {
    const { store, stream } = this;
    return store.store(this.subject(name), encoder.encode(text), {
      ...callOptions,
      stream: stream.name,
      messageId,
      headers,
    });
  }

  /** Stores so many messages, `m1` and so on, one after the other. */
  async putMany(count: number, first = 1): Promise<void> {
    for (let number = first; number < first + count; number++) await this.put(`m${number}`);
  }

  /** A subject of the stream. */
  subject(name: string): string {
    return `${this.root}.${name}`;
  }

  /** Consumes all of the stream from its beginning, one delivery at a time; `onDelivery` is called after it is noted. */
  consume(
    { by = this.#participants[0]!, ...options }: Partial<ConsumeOptions> & { readonly by?: Participant } = {},
  ): Consuming {
    const deliveries: Delivery[] = [];
    const states: ReadingState[] = [];
    const reader = by.store.consume({
      stream: this.stream,
      subject: this.subject(">"),
      consumer: "worker",
      from: "all",
      window: 1,
      ackWaitMs: 30_000,
      exclusive: false,
      ...options,
      onState: (state, error) => {
        states.push(state);
        options.onState?.(state, error);
      },
      onDelivery: (delivery) => {
        deliveries.push(delivery);
        options.onDelivery?.(delivery);
      },
    });
    return { reader, deliveries, states };
  }

  /** Replays all of the stream from its beginning; `onMessage` is called after it is noted. */
  replay(
    { by = this.#participants[0]!, ...options }: Partial<ReplayOptions> & { readonly by?: Participant } = {},
  ): Replaying {
    const messages: StoredMessage[] = [];
    const states: ReadingState[] = [];
    const resets: number[] = [];
    const caughtUp: number[] = [];
    const reader = by.store.replay({
      stream: this.stream,
      subject: this.subject(">"),
      from: "all",
      ...options,
      onState: (state) => void states.push(state),
      onReset: () => void resets.push(messages.length),
      onCaughtUp: () => void caughtUp.push(messages.length),
      onMessage: async (message) => {
        messages.push(message);
        await options.onMessage?.(message);
      },
    });
    return { reader, messages, states, resets, caughtUp };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { connection } = this;
    // A broker that several runtimes use in turn does not keep what is over.
    await Promise.resolve(this.kind.deleteStream(this.stream.name, connection)).catch(() => {});
    await Promise.all(this.#participants.map(({ connection }) => connection.close()));
  }
}

/** Settles a delivery as soon as it comes. */
export function acknowledgeAtOnce(delivery: Delivery): void {
  delivery.acknowledge().catch(() => {});
}

/** Sequences in order. */
export function sequencesOf(messages: readonly StoredMessage[]): number[] {
  return messages.map(({ sequence }) => sequence);
}

/** A body as text. */
export function textOf({ body }: StoredMessage): string {
  return decoder.decode(body);
}

/** Waits until there are so many, and fails where there are more. */
export async function untilCount(items: readonly unknown[], count: number, limitMs = 8_000): Promise<void> {
  await until(() => items.length >= count, limitMs);
  if (items.length > count) throw new Error(`Expected ${count}, got ${items.length}`);
}

/** The whole numbers from one to another. */
export function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
