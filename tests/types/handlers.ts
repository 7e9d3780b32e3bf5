import type { ErrorCode, ErrorData, HandlerContext, MessagingError, MessagingServer } from "../../mod.ts";
import type { Equal, Expect, IsAny } from "./expect.ts";
import type { Orders } from "./orders.ts";

export function handlersAreTyped(server: MessagingServer<Orders>): void {
  server.registerHandler("createOrder", async (request, context) => {
    const received: Expect<Equal<typeof request, { sku: string; quantity: number }>> = true;
    const known: Expect<Equal<typeof context, HandlerContext<Orders, "createOrder">>> = true;
    const notAny: Expect<Equal<IsAny<typeof request>, false>> = true;
    await Promise.resolve();
    return { id: String(received && known && notAny), total: request.quantity };
  });
  server.registerHandler("countOrders", () => 1);
}

export function wrongHandlersAreRefused(server: MessagingServer<Orders>): void {
  // @ts-expect-error -- the contract has no such request
  server.registerHandler("deleteOrder", () => ({}));
  // @ts-expect-error -- a field of the answer is missing
  server.registerHandler("createOrder", () => ({ id: "1" }));
  // @ts-expect-error -- a field of the answer has another type
  server.registerHandler("createOrder", () => Promise.resolve({ id: 1, total: 1 }));
  // @ts-expect-error -- nothing is answered
  server.registerHandler("countOrders", () => {});
  // @ts-expect-error -- the handler wants another request
  server.registerHandler("createOrder", (request: { id: string }) => ({ id: request.id, total: 1 }));
}

export function errorsAreTyped(context: HandlerContext<Orders, "createOrder">): void {
  const outOfStock = context.error("OUT_OF_STOCK", { sku: "A1" });
  const code: Expect<Equal<typeof outOfStock.code, "OUT_OF_STOCK">> = true;
  const data: Expect<Equal<typeof outOfStock.data, { sku: string }>> = true;
  const one: MessagingError<"OUT_OF_STOCK", { sku: string }> = outOfStock;
  context.error("OUT_OF_STOCK", { sku: "A1" }, "Two are left");
  context.error("SHOP_CLOSED");
  context.error("SHOP_CLOSED", undefined, "Until Monday");
  if (code && data) throw one;
}

export type CodesOfARequest = [
  Expect<Equal<ErrorCode<Orders, "createOrder">, "OUT_OF_STOCK" | "SHOP_CLOSED">>,
  Expect<Equal<ErrorCode<Orders, "countOrders">, never>>,
  Expect<Equal<ErrorData<Orders, "createOrder", "OUT_OF_STOCK">, { sku: string }>>,
  Expect<Equal<ErrorData<Orders, "createOrder", "SHOP_CLOSED">, undefined>>,
];

export function wrongErrorsAreRefused(
  context: HandlerContext<Orders, "createOrder">,
  without: HandlerContext<Orders, "countOrders">,
): void {
  // @ts-expect-error -- the contract has the code, this request does not name it
  context.error("NEVER_NAMED", 1);
  // @ts-expect-error -- the contract has no such code
  context.error("SOLD_OUT");
  // @ts-expect-error -- the library's own codes are not the handler's
  context.error("TIMEOUT");
  // @ts-expect-error -- the data is missing
  context.error("OUT_OF_STOCK");
  // @ts-expect-error -- the data has another type
  context.error("OUT_OF_STOCK", { sku: 1 });
  // @ts-expect-error -- the error has no data
  context.error("SHOP_CLOSED", { sku: "A1" });
  // @ts-expect-error -- the request names no errors at all
  without.error("OUT_OF_STOCK", { sku: "A1" });
}

export async function broadcastsAreTyped(server: MessagingServer<Orders>): Promise<void> {
  await server.broadcast("orderCreated", { id: "1", region: "eu" });
  // @ts-expect-error -- the contract has no such event
  await server.broadcast("orderDeleted", { id: "1" });
  // @ts-expect-error -- a field is missing
  await server.broadcast("orderCreated", { id: "1" });
  // @ts-expect-error -- the data is missing
  await server.broadcast("orderCreated");
}
