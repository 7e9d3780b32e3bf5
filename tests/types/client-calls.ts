import type { EventContext, InferErrors, MessagingClient, PromiseWithError } from "../../mod.ts";
import type { Equal, Expect, IsAny } from "./expect.ts";
import type { Orders } from "./orders.ts";

export async function requestsAreTyped(client: MessagingClient<Orders>): Promise<void> {
  const call = client.request("createOrder", { sku: "A1", quantity: 2 });
  const promise: Expect<
    Equal<typeof call, PromiseWithError<{ id: string; total: number }, InferErrors<Orders, "createOrder">>>
  > = true;
  const order = await call;
  const output: Expect<Equal<typeof order, { id: string; total: number }>> = true;
  const notAny: Expect<Equal<IsAny<typeof order>, false>> = true;
  if (!promise || !output || !notAny) return;
  const signal = new AbortController().signal;
  await client.request("createOrder", { sku: "A1", quantity: 2 }, { timeoutMs: 10, signal, idempotencyKey: "a" });
}

export async function wrongRequestsAreRefused(client: MessagingClient<Orders>): Promise<void> {
  // @ts-expect-error -- the contract has no such request
  await client.request("deleteOrder", { sku: "A1" });
  // @ts-expect-error -- an event is no request
  await client.request("orderCreated", { id: "1", region: "eu" });
  // @ts-expect-error -- a field has another type
  await client.request("createOrder", { sku: "A1", quantity: "2" });
  // @ts-expect-error -- a field is missing
  await client.request("createOrder", { sku: "A1" });
  // @ts-expect-error -- a field is not in the schema
  await client.request("createOrder", { sku: "A1", quantity: 2, colour: "red" });
  // @ts-expect-error -- the input is missing
  await client.request("createOrder");
  // @ts-expect-error -- an option is misspelled
  await client.request("createOrder", { sku: "A1", quantity: 2 }, { timeout: 10 });
  // @ts-expect-error -- the response has no such field
  (await client.request("createOrder", { sku: "A1", quantity: 2 })).price;
}

export function eventsAreTyped(client: MessagingClient<Orders>): void {
  client.subscribe("orderCreated", (data, context) => {
    const event: Expect<Equal<typeof data, { id: string; region: string }>> = true;
    const known: Expect<Equal<typeof context, EventContext>> = true;
    return event && known ? undefined : Promise.resolve();
  });
  client.subscribe("orderCreated", { concurrency: 2, queueLimit: 8, queueGroup: "mail" }, async () => {});
  client.subscribe("orderCreated", {
    overflow: "drop-newest",
    queueBytes: 1_000,
    onGap: ({ reason, missed }) => {
      const known: Expect<Equal<typeof reason, "outage" | "moved" | "reset" | "overflow">> = true;
      const count: Expect<Equal<typeof missed, number | undefined>> = true;
      return known && count;
    },
  }, () => {});
  // @ts-expect-error -- there is no such policy
  client.subscribe("orderCreated", { overflow: "drop" }, () => {});
  // @ts-expect-error -- the contract has no such event
  client.subscribe("orderDeleted", () => {});
  // @ts-expect-error -- a request is no event
  client.subscribe("createOrder", () => {});
  // @ts-expect-error -- the handler is missing
  client.subscribe("orderCreated", { concurrency: 2 });
  // @ts-expect-error -- options come before the handler
  client.subscribe("orderCreated", () => {}, { concurrency: 2 });
  // @ts-expect-error -- the handler wants another event
  client.subscribe("orderCreated", (data: { total: number }) => data.total);
}

export async function streamsAreTyped(client: MessagingClient<Orders>): Promise<void> {
  for await (const { data, context } of client.events("orderMoved", { params: { region: "eu" } })) {
    const event: Expect<Equal<typeof data, { id: string; region: string }>> = true;
    const missed: Expect<Equal<typeof context.missed, number>> = true;
    if (event && missed) break;
  }
  // @ts-expect-error -- the contract has no such event
  client.events("orderDeleted");
}

export async function everythingIsDisposable(client: MessagingClient<Orders>): Promise<void> {
  await using owned = client;
  await using subscription = owned.subscribe("orderCreated", () => {});
  await using stream = owned.events("orderCreated");
  await Promise.all([subscription.ready, stream.ready]);
}
