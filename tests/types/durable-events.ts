import type {
  DeadLetter,
  EventSubscription,
  MessageHeaders,
  MessagingClient,
  MessagingServer,
  StoredAcknowledgement,
  StoredEventContext,
  StoredSubscription,
} from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";
import type { Orders } from "./orders.ts";

export async function broadcastsOfDurableEventsAreAcknowledged(server: MessagingServer<Orders>): Promise<void> {
  const stored = await server.broadcast("orderMoved", { id: "1", region: "eu" }, { id: "order-1", timeoutMs: 1_000 });
  const acknowledged: Expect<Equal<typeof stored, StoredAcknowledgement>> = true;
  const kept = await server.broadcast("orderKept", { id: "1" });
  const alsoAcknowledged: Expect<Equal<typeof kept, StoredAcknowledgement>> = true;
  const told = server.broadcast("orderCreated", { id: "1", region: "eu" });
  const plain: Expect<Equal<typeof told, Promise<void>>> = true;
  if (!acknowledged || !alsoAcknowledged || !plain) return;
  // @ts-expect-error -- only a durable event has an id of the caller's own
  await server.broadcast("orderCreated", { id: "1", region: "eu" }, { id: "order-1" });
}

export function durableSubscriptionsAreTyped(client: MessagingClient<Orders>): boolean {
  const subscription = client.subscribe(
    "orderMoved",
    {
      durable: "billing",
      from: "all",
      params: { region: "eu" },
      concurrency: 4,
      maxAttempts: 3,
      backoffMs: [100, 1_000],
      orderedBy: "id",
      ackWaitMs: 10_000,
      onError: (error) => console.error(error.message),
    },
    (data, context) => {
      const event: Expect<Equal<typeof data, { id: string; region: string }>> = true;
      const known: Expect<Equal<typeof context, StoredEventContext>> = true;
      const parts: [number, number, boolean, Date, string, MessageHeaders] = [
        context.attempt,
        context.sequence,
        context.redelivered,
        context.publishedAt,
        context.id,
        context.headers,
      ];
      return event && known && parts;
    },
  );
  const stored: Expect<Equal<typeof subscription, StoredSubscription>> = true;
  const status: Expect<Equal<typeof subscription.status, "starting" | "active" | "degraded" | "ended">> = true;
  client.subscribe("orderKept", { durable: "billing", from: new Date() }, async ({ id }) => await Promise.resolve(id));
  const plain = client.subscribe("orderMoved", { concurrency: 2 }, (_data, context) => context.missed);
  const unchanged: Expect<Equal<typeof plain, EventSubscription>> = true;
  return stored && status && unchanged;
}

export function replaysAreTyped(client: MessagingClient<Orders>): void {
  client.subscribe(
    "orderMoved",
    { from: 7, params: { region: "eu" }, onGap: ({ reason }) => reason },
    (data, context) => {
      const event: Expect<Equal<typeof data, { id: string; region: string }>> = true;
      return event && context.sequence;
    },
  );
  // @ts-expect-error -- a replay is handled one after another
  client.subscribe("orderMoved", { from: "all", concurrency: 2 }, () => {});
  // @ts-expect-error -- nothing of a replay comes again
  client.subscribe("orderMoved", { from: "all", maxAttempts: 2 }, () => {});
}

export function wrongDurableOptionsAreRefused(client: MessagingClient<Orders>): void {
  // @ts-expect-error -- the event is not durable
  client.subscribe("orderCreated", { durable: "billing" }, () => {});
  // @ts-expect-error -- the event is not durable
  client.subscribe("orderCreated", { from: "all" }, () => {});
  // @ts-expect-error -- it is not a field of the schema
  client.subscribe("orderMoved", { durable: "billing", orderedBy: "colour" }, () => {});
  // @ts-expect-error -- there is no such position
  client.subscribe("orderMoved", { durable: "billing", from: "start" }, () => {});
  // @ts-expect-error -- a durable subscription's instances share by its name
  client.subscribe("orderMoved", { durable: "billing", queueGroup: "billing" }, () => {});
  // @ts-expect-error -- without a name nobody keeps count of attempts
  client.subscribe("orderMoved", { maxAttempts: 3 }, () => {});
  // @ts-expect-error -- a plain subscription knows no attempts
  client.subscribe("orderMoved", (_data, context) => context.attempt);
}

export async function deadLettersAreTyped(client: MessagingClient<Orders>): Promise<void> {
  for await (const letter of client.deadLetters("orderMoved", { durable: "billing" })) {
    const typed: Expect<Equal<typeof letter, DeadLetter<{ id: string; region: string }>>> = true;
    const event: Expect<Equal<typeof letter.event, { id: string; region: string } | undefined>> = true;
    if (typed && event) await letter.redrive();
  }
  // @ts-expect-error -- the event is not durable
  client.deadLetters("orderCreated", { durable: "billing" });
  // @ts-expect-error -- somebody's they are
  client.deadLetters("orderMoved", {});
}
