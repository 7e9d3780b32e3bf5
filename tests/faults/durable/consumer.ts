// A durable consumer in a process of its own: `consumer.ts JSON`. It logs what it handles, and may kill itself.
import process from "node:process";
import { createInbox, createMessagingClient, NatsTransport } from "../../../mod.ts";
import { endWithStarter } from "../end-with-starter.ts";
import type { ConsumerChoice } from "./consumer-program.ts";
import { openEventCounter } from "./event-counter.ts";
import { EventLogWriter } from "./event-log.ts";
import type { KillPoint } from "./kill-points.ts";
import { parcels, replicatedParcels } from "./parcels-contract.ts";

const choice = JSON.parse(process.argv[2]!) as ConsumerChoice;
const { servers, durable, concurrency, ackWaitMs, handlerMs, kill, orderedBy } = choice;
endWithStarter();

const log = new EventLogWriter(choice.log);
const counter = choice.counter === undefined ? undefined : openEventCounter(choice.counter);
const count = counter === undefined ? undefined : createInbox({ store: counter.store }).handler(counter.count);
let events = 0;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function dieAt(point: KillPoint, event: number): void {
  if (kill !== undefined && kill.point === point && event === kill.atEvent) process.kill(process.pid, "SIGKILL");
}

const client = createMessagingClient({
  contract: choice.replicated === true ? replicatedParcels : parcels,
  transport: new NatsTransport({ servers }),
  middleware: [async (_, next) => {
    const event = events += 1;
    dieAt("before the handler", event);
    const result = await next();
    dieAt("before the acknowledgement", event);
    return result;
  }],
});
await client.connect();

const subscription = client.subscribe("moved", {
  durable,
  from: "all",
  concurrency,
  ackWaitMs,
  ...(orderedBy === undefined ? {} : { orderedBy }),
}, async (data, context) => {
  const { id, key } = data;
  const { sequence, attempt, redelivered } = context;
  const event = events;
  log.begun({ id, key, sequence, attempt, redelivered, process: process.pid });
  dieAt("at the handler's start", event);
  await pause(handlerMs / 2);
  dieAt("in the handler's middle", event);
  await count?.(data, context);
  await pause(handlerMs / 2);
  log.ended(process.pid, sequence, attempt);
  dieAt("at the handler's end", event);
  for (let turns = 0; turns < 3; turns++) queueMicrotask(() => dieAt("while the acknowledgement is written", event));
  setImmediate(() => dieAt("behind the acknowledgement's turn", event));
  setTimeout(() => dieAt("after the acknowledgement", event), 5);
});
subscription.onStatus((status) => console.log(`status ${status}`));
await subscription.ready;
console.log("reading");

process.once("SIGTERM", async () => {
  await client.disconnect();
  counter?.close();
  log.close();
});
