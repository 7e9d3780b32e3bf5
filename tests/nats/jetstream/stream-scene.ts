import { type MessagingError, NatsTransport, type NatsTransportOptions } from "../../../mod.ts";
import type {
  ConsumeOptions,
  Delivery,
  EventStore,
  ReadingState,
  ReplayOptions,
  StoredMessage,
  StreamDefinition,
  StreamReader,
} from "../../../src/transport/event-store.ts";
import type { TransportConnection } from "../../../src/transport/transport.ts";

/** The stream that the tests read and write. */
export const orders: StreamDefinition = { name: "ORDERS", subjects: ["orders.>"] };

/** What calls are told with. */
export const call = { timeoutMs: 5_000, operation: "order" } as const;

/** A participant with its streams, left at the end. */
export interface OpenStreams extends AsyncDisposable {
  readonly connection: TransportConnection;
  readonly store: EventStore;
}

/** Joins a connection and asks for its streams. */
export async function openStreams(
  servers: string | readonly string[],
  options: NatsTransportOptions = {},
): Promise<OpenStreams> {
  const connection = await new NatsTransport({ ...options, servers }).open();
  const store = await connection.eventStore!();
  return { connection, store, [Symbol.asyncDispose]: () => connection.close() };
}

/** Stores texts under `orders.moved`, ids made of them. */
export async function storeTexts(store: EventStore, texts: Iterable<string>, subject = "orders.moved"): Promise<void> {
  await Promise.all(
    [...texts].map((text) =>
      store.store(subject, new TextEncoder().encode(text), {
        ...call,
        stream: orders.name,
        messageId: text.replaceAll(" ", "-"),
      })
    ),
  );
}

/** What a message says. */
export function textOf({ body }: { body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

/** The numbers from 1, as texts. */
export function numbers(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index));
}

/** A reader of a durable consumer with all it has heard. */
export interface Reading {
  readonly reader: StreamReader;
  readonly states: readonly { state: ReadingState; error: MessagingError | undefined }[];
  readonly deliveries: readonly Delivery[];
  /** What the deliveries say. */
  readonly texts: readonly string[];
  /** How many deliveries are not settled, at most. */
  readonly most: number;
}

/** Consumes `orders.moved` as `billing`; `handle` gets each delivery, and settles it. */
export function consume(
  store: EventStore,
  options: Partial<ConsumeOptions> = {},
  handle: (delivery: Delivery) => unknown = (delivery) => delivery.acknowledge(),
): Reading {
  const states: { state: ReadingState; error: MessagingError | undefined }[] = [];
  const deliveries: Delivery[] = [];
  const texts: string[] = [];
  let open = 0;
  let most = 0;
  const reader = store.consume({
    stream: orders,
    subject: "orders.moved",
    consumer: "billing",
    from: "all",
    window: 16,
    ackWaitMs: 30_000,
    exclusive: false,
    onState: (state, error) => void states.push({ state, error }),
    ...options,
    onDelivery: (delivery) => {
      deliveries.push(delivery);
      texts.push(textOf(delivery));
      most = Math.max(most, open += 1);
      const settled = (work: Promise<void>): Promise<void> => work.finally(() => open -= 1);
      void (async () => {
        try {
          await handle({
            ...delivery,
            acknowledge: () => settled(delivery.acknowledge()),
            retryLater: (delayMs) => settled(delivery.retryLater(delayMs)),
            discard: (reason) => settled(delivery.discard(reason)),
            keepAlive: () => delivery.keepAlive(),
          });
        } catch {
          // It comes again.
        }
      })();
    },
  });
  reader.ready.catch(() => {});
  return {
    reader,
    states,
    deliveries,
    texts,
    get most() {
      return most;
    },
  };
}

/** Reads `orders.moved` alone. */
export function replay(
  store: EventStore,
  options: Partial<ReplayOptions> = {},
): { reader: StreamReader; messages: StoredMessage[]; texts: string[]; states: ReadingState[]; resets: number[] } {
  const messages: StoredMessage[] = [];
  const texts: string[] = [];
  const states: ReadingState[] = [];
  const resets: number[] = [];
  const { onMessage, ...rest } = options;
  const reader = store.replay({
    stream: orders,
    subject: "orders.moved",
    from: "all",
    onState: (state) => void states.push(state),
    onReset: () => void resets.push(messages.length),
    ...rest,
    onMessage: async (message) => {
      await onMessage?.(message);
      messages.push(message);
      texts.push(textOf(message));
    },
  });
  reader.ready.catch(() => {});
  return { reader, messages, texts, states, resets };
}
