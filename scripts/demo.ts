// `npm run demo`: a small order service and two clients. Over memory; over NATS with NATS_URL=nats://… or with `-- --nats`.
import process from "node:process";
import { orderContract } from "./demo/order-contract.ts";
import { openDemoTransport } from "./demo/demo-transport.ts";
import { startOrderService } from "./demo/order-service.ts";
import { createMessagingClient, safe } from "../mod.ts";

const { connect, stop, describe } = await openDemoTransport(process.argv.slice(2));
console.log(`Transport: ${describe}\n`);

// Two instances of one service share its requests; each has a connection of its own.
const services = [await startOrderService(connect(), "service 1"), await startOrderService(connect(), "service 2")];
const shop = createMessagingClient({ contract: orderContract, transport: connect(), timeoutMs: 2_000 });
const dashboard = createMessagingClient({ contract: orderContract, transport: connect() });
await Promise.all([shop.connect(), dashboard.connect()]);

heading("Events, one of them by subject parameter: the broker filters");
let waiting: Promise<void> | undefined;
await Promise.all([
  dashboard.subscribe("orderPlaced", (order, { subject }) => show(`dashboard heard ${subject}`, order)).ready,
  dashboard.subscribe("orderShipped", { params: { region: "eu" } }, (order, { params }) => {
    show(`dashboard heard of region ${params["region"]}`, order);
  }).ready,
]);
const lastEvent = new Promise<void>((resolve) => {
  waiting = dashboard.subscribe("orderShipped", ({ id }) => id === "order-3" ? resolve() : undefined).ready;
});
await waiting;
for (const [index, region] of ["eu", "us", "eu"].entries()) {
  await services[0]!.server.broadcast("orderShipped", { id: `order-${index + 1}`, region });
}
await lastEvent;

heading("A request, answered");
show("createOrder", await shop.request("createOrder", { sku: "A1", quantity: 2 }));

heading("A typed error");
const refused = await safe(shop.request("createOrder", { sku: "A1", quantity: 1_000 }));
if (!refused.ok && refused.error.code === "OUT_OF_STOCK") {
  show(`${refused.error.code} (${refused.error.status}), ${refused.error.execution}`, refused.error.data);
}

heading("Invalid input, refused before it is sent");
const invalid = await safe(shop.request("createOrder", { sku: "A1", quantity: 0 }));
if (!invalid.ok) show(invalid.error.code, invalid.error.message);

heading("A deadline that passes");
const late = await safe(shop.request("slowReport", {}, { timeoutMs: 50 }));
if (!late.ok) show(`${late.error.code}, execution ${late.error.execution}`, late.error.message);

heading("Shared work");
await Promise.all(Array.from({ length: 200 }, () => shop.request("createOrder", { sku: "A1", quantity: 1 })));
for (const { name, taken } of services) show(name, `${taken()} requests`);

heading("Timings");
await measure("one after another", 1, 1_000);
await measure("128 in flight", 128, 20_000);

await Promise.all([shop.disconnect(), dashboard.disconnect(), ...services.map(({ server }) => server.stop())]);
await stop();

async function measure(title: string, inFlight: number, count: number): Promise<void> {
  const start = performance.now();
  let left = count;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await shop.request("createOrder", { sku: "B2", quantity: 1 });
  }));
  const elapsedMs = performance.now() - start;
  show(
    title,
    `${Math.round(count / elapsedMs * 1_000)} requests/s, ${(elapsedMs / count * inFlight).toFixed(3)} ms each`,
  );
}

function heading(text: string): void {
  console.log(`\n— ${text}`);
}

function show(what: string, value: unknown): void {
  console.log(`  ${what}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
}
