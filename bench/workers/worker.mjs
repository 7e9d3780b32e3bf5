// One end of a contender in a process of its own: `worker.mjs CONTENDER BROKER-URL PREFIX`. It takes commands as lines of
// JSON and answers each with one. The same file runs in Node, Bun and Deno.
import process from "node:process";
import { createInterface } from "node:readline";
import { receiptFor } from "../contenders/work.mjs";
import { startAllocations, stopAllocations } from "./allocations.mjs";
import { measureConnects } from "./connect-times.mjs";
import { startCpuProfile, stopCpuProfile } from "./cpu-profile.mjs";
import {
  hearMovements,
  publishMovements,
  tellMovements,
} from "./event-window.mjs";
import { measureHeap, openPending } from "./heap.mjs";
import { startHeapProfile, stopHeapProfile } from "./heap-profile.mjs";
import { sendRequests } from "./request-loop.mjs";

const [name, url, prefix] = process.argv.slice(2);
const contender = await import(`../contenders/${name}.mjs`);
const broker = { url, prefix };
const noAnswer = new Promise(() => {});
let client;
let publisher;
let served = 0;

const commands = {
  /** Answers orders. */
  serve: async () => {
    await contender.serve(broker, (order) => {
      served += 1;
      return receiptFor(order);
    });
  },
  /** Takes orders and answers none, however many. */
  hold: async () => {
    const hold = () => {
      served += 1;
      return noAnswer;
    };
    await contender.serve(broker, hold, { concurrency: 1_000_000 });
  },
  /** Serves HTTP before a service, and says where. */
  front: async () => {
    const { port } = await contender.front(broker);
    return { port };
  },
  open: async (options) => {
    client = await contender.open({ ...broker, ...options });
  },
  openPublisher: async () => {
    publisher = await contender.publisher(broker);
  },
  served: () => served,
  cpuMs: () => cpuMs(),
  requests: (options) => sendRequests(client, options),
  listen: () =>
    hearMovements((onMovement) => contender.listen(broker, onMovement)),
  tell: (options) => tellMovements(contender, options),
  publish: (options) => publishMovements(publisher, options),
  connects: (options) => measureConnects(() => contender.open(broker), options),
  pending: (options) => openPending(client, options),
  heap: () => measureHeap(),
  waiting: () => contender.pendingCount(),
  count: () => startAllocations(),
  counted: () => stopAllocations(),
  profileCpu: () => startCpuProfile(),
  profiledCpu: () => stopCpuProfile(),
  profileHeap: () => startHeapProfile(),
  profiledHeap: () => stopHeapProfile(),
};

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function say(answer) {
  // Marked, because a contender may print.
  process.stdout.write(`@@${JSON.stringify(answer)}\n`);
}

say({ result: null });
for await (const line of createInterface({ input: process.stdin })) {
  const { command, options } = JSON.parse(line);
  try {
    say({ result: await commands[command](options) ?? null });
  } catch (error) {
    say({ error: String(error?.stack ?? error) });
  }
}
// Whoever gave the commands is gone.
process.exit();
