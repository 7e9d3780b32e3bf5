// Bills every order once. Kill it as often as you like, and start it again: the sum is right.
// Run this, with a broker that has JetStream (nats-server -js) and libsql installed: npx tsx billing.ts
import { createConsoleLogger, createInbox, createMessagingClient, NatsTransport } from "@magicbutton/messaging";
import { orders } from "./contract.ts";
import { openSqliteStores } from "./sqlite-stores.ts";

const transport = new NatsTransport({ servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222" });
const stores = openSqliteStores(process.env["BILLING_DATABASE"] ?? "billing.db");
stores.database.exec("CREATE TABLE IF NOT EXISTS bills (customer TEXT PRIMARY KEY, total REAL NOT NULL)");
const bill = stores.database.prepare(
  "INSERT INTO bills (customer, total) VALUES (?, ?) ON CONFLICT (customer) DO UPDATE SET total = total + excluded.total",
);
const sum = stores.database.prepare("SELECT total FROM bills WHERE customer = ?");

const client = createMessagingClient({ contract: orders, transport, logger: createConsoleLogger() });
await client.connect();
const inbox = createInbox({ store: stores.inbox });
const subscription = client.subscribe(
  "orderPaid",
  { durable: "billing", from: "all", orderedBy: "customer" },
  inbox.handler(({ id, customer, amount }, { attempt }) => {
    bill.run(customer, amount);
    const { total } = sum.get(customer) as { total: number };
    console.log("billed", id, "attempt", attempt, "total", total);
  }),
);
await subscription.ready;
console.log("Billing is there");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await client.disconnect();
    stores.close();
  });
}
