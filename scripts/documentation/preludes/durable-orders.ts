// What docs/durable-events.md has at hand: a contract with a durable event, and everything that is made of it.
import * as v from "valibot";
import { createContract, type MessagingClient, type MessagingServer, type Transport } from "@magicbutton/messaging";

const ordersContract = createContract({
  name: "orders",
  version: "1.0.0",
  events: {
    orderPaid: {
      schema: v.object({ id: v.string(), customer: v.string(), amount: v.number() }),
      durable: { maxAgeMs: 30 * 24 * 3_600_000, replicas: 3 },
    },
  },
});

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly amount: number;
}

declare global {
  const orders: typeof ordersContract;
  const transport: Transport;
  const server: MessagingServer<typeof ordersContract>;
  const client: MessagingClient<typeof ordersContract>;
  const order: Order;
  function sendBill(order: Order): Promise<void>;
  function show(text: string): void;
}
