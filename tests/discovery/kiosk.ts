import * as v from "valibot";
import {
  createContract,
  createMessagingServer,
  type MessagingServer,
  type MessagingServerOptions,
  type Transport,
} from "../../mod.ts";

/** The contract that discovery is asked about. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const kiosk = createContract({
  name: "kiosk",
  version: "2.4.1",
  errors: { SOLD_OUT: { status: 409, message: "Nothing left", data: v.object({ sku: v.string() }) } },
  requests: {
    sell: {
      request: v.object({ sku: v.string(), quantity: v.number() }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["SOLD_OUT"],
      description: "Sells something",
    },
    price: { request: v.object({ sku: v.string() }), response: v.object({ price: v.number() }), idempotent: true },
  },
  events: { sold: v.object({ id: v.string(), region: v.string() }) },
});

/** What its INFO says of its endpoints, written by hand. */
export const kioskEndpoints = [
  {
    name: "sell",
    subject: "kiosk.v2.request.sell",
    queue_group: "kiosk",
    metadata: { access: "public", idempotent: "false", errors: "SOLD_OUT", description: "Sells something" },
  },
  {
    name: "price",
    subject: "kiosk.v2.request.price",
    queue_group: "kiosk",
    metadata: { access: "public", idempotent: "true" },
  },
] as const;

/** Its contract's type. */
export type Kiosk = typeof kiosk;

/** What the handler of `sell` waits for before it answers or throws, so that all it does is asynchronous. */
export type Work = (sku: string) => Promise<void>;

/**
 * A started server. `sell` throws the contract's error for `none`, another error for `crash`, and answers with what does
 * not fit for `wrong`.
 */
export async function serveKiosk(
  transport: Transport,
  work: Work,
  options: Partial<MessagingServerOptions<Kiosk>> = {},
): Promise<MessagingServer<Kiosk>> {
  const server = createMessagingServer({
    contract: kiosk,
    transport,
    description: "Sells newspapers",
    ...options,
  });
  server.registerHandler("sell", async ({ sku, quantity }, context) => {
    await work(sku);
    if (sku === "none") throw context.error("SOLD_OUT", { sku });
    if (sku === "crash") throw new Error("the till is on fire");
    return { id: sku === "wrong" ? 1 as unknown as string : `sale-of-${sku}`, total: quantity * 2.5 };
  });
  server.registerHandler("price", () => ({ price: 2.5 }));
  await server.start();
  return server;
}
