// Takes payments: the order and its event are one transaction, whatever becomes of this process or of the broker.
// Run this, with a broker that has JetStream (nats-server -js) and libsql installed: npx tsx shop.ts
import { createConsoleLogger, createMessagingServer, createOutbox, NatsTransport } from "@magicbutton/messaging";
import { orders } from "./contract.ts";
import { openSqliteStores } from "./sqlite-stores.ts";

const logger = createConsoleLogger();
const transport = new NatsTransport({ servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222" });
const stores = openSqliteStores(process.env["SHOP_DATABASE"] ?? "shop.db");
stores.database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, amount REAL NOT NULL)");

const server = createMessagingServer({ contract: orders, transport, logger });
await server.start();
const outbox = createOutbox({ contract: orders, store: stores.outbox, server, logger });
outbox.start();

for (let number = 1; number <= 10; number++) {
  const order = { id: crypto.randomUUID(), customer: "ada", amount: number };
  await stores.transaction(async (transaction) => {
    transaction.prepare("INSERT INTO orders (id, amount) VALUES (?, ?)").run(order.id, order.amount);
    await outbox.add(transaction, "orderPaid", order);
  });
  outbox.wake();
}
while (stores.database.prepare("SELECT 1 FROM outbox").get() !== undefined) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log("Ten orders are paid");
await outbox.stop();
await server.stop();
stores.close();
