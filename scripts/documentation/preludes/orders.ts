// What a page has at hand where it shows a part of a program: a contract, and everything that is made of it. Ambient, so
// that a block may declare the same names itself.
import * as v from "valibot";
import {
  type Authenticate,
  createContract,
  type HandlerContext,
  type Logger,
  type MessagingClient,
  type MessagingServer,
  type PayloadEncryption,
  type Transport,
} from "@magicbutton/messaging";
import type { Gateway } from "@magicbutton/messaging/gateway";

const ordersContract = createContract({
  name: "orders",
  version: "1.4.0",
  roles: { customer: {}, clerk: { inherits: ["customer"] } },
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string(), left: v.number() }) },
  },
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), quantity: v.number() }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["OUT_OF_STOCK"],
      access: ["customer"],
    },
    findOrder: {
      request: v.object({ id: v.string() }),
      response: v.object({ id: v.string(), customer: v.string() }),
      access: ["customer"],
      idempotent: true,
    },
    cancelOrder: { request: v.object({ id: v.string() }), response: v.object({}), access: ["clerk"] },
  },
  events: {
    orderCreated: {
      schema: v.object({ id: v.string(), region: v.string() }),
      access: { subscribe: ["customer"] },
    },
    orderMoved: {
      schema: v.object({ id: v.string(), region: v.string() }),
      subject: "{region}.{id}",
      access: { subscribe: ["customer"] },
    },
  },
});

declare global {
  const orders: typeof ordersContract;
  const transport: Transport;
  const client: MessagingClient<typeof ordersContract>;
  const server: MessagingServer<typeof ordersContract>;
  const gateway: Gateway;
  const authenticate: Authenticate;
  const encryption: PayloadEncryption;
  const logger: Logger;
  const caught: unknown;
  const session: { token(): Promise<string> };
  function handle(request: { readonly id: string }, context: HandlerContext): void;
  function readSecret(name: string): Promise<string>;
  function show(text: string): void;
  function reload(): Promise<void>;
  function sign(order: { readonly id: string }): Promise<void>;
}
