import { type Authenticate, createMessagingServer, type MessagingServer, type Transport } from "../../mod.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import { shop } from "./contracts.ts";

/** The shop of `contracts.ts`, served, with a gateway in front. */
export interface ShopGateway extends AsyncDisposable {
  readonly server: MessagingServer<typeof shop>;
  readonly gateway: Gateway;
}

/** A token is the name of a role. */
const authenticate: Authenticate = ({ token }) =>
  token === undefined || !shop.roles.has(token) ? undefined : { id: token, roles: [token] };

/** Starts both; what `sku` says decides how an order goes. */
export async function openShopGateway(
  connect: () => Transport,
  options: Partial<GatewayOptions> = {},
): Promise<ShopGateway> {
  const server = createMessagingServer({ contract: shop, transport: connect(), authenticate });
  server.registerHandler("placeOrder", ({ sku, quantity }, context) => {
    if (sku === "none") throw context.error("OUT_OF_STOCK", { sku, left: 0 });
    if (sku === "dear") throw context.error("PRICE_CHANGED", { price: 9 });
    if (sku === "often") throw context.error("TOO_OFTEN");
    if (sku === "broken") throw new Error("A part is missing");
    if (sku === "slow") return new Promise((_, reject) => context.signal.addEventListener("abort", reject));
    return { id: sku, total: sku === "wrong" ? "much" as never : quantity };
  });
  server.registerHandler("listOrders", (request) => [{ id: request?.since.toISOString() ?? "all" }]);
  server.registerHandler("openingHours", () => "always");
  server.registerHandler("ring", () => {});
  server.registerHandler("events", () => undefined);
  await server.start();
  const gateway = createGateway({ contracts: [shop], transport: connect(), authenticate, ...options });
  return {
    server,
    gateway,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop({ graceMs: 0 });
      await server.stop({ graceMs: 0 });
    },
  };
}
