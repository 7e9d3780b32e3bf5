// Events from one process to another, as fast as they are handled: at most `windowSize` are on their way. The listener
// says over a socket of its own, the same for every contender, how many its handler has had.
import { createConnection, createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { movementNumber } from "../contenders/work.mjs";

const windowSize = 1_024;
const batchSize = 64;

let handled = 0;
let tellHandled = () => {};

/** Listens; gives the port at which it says how many events it has handled. */
export async function hearMovements(listen) {
  await listen(({ sequence }) => {
    // What a handler throws is heard by nobody here; the publisher is told, and gives up.
    if (sequence === handled) handled += 1;
    else handled = -1;
    if (handled % batchSize === 0 || handled < 0) tellHandled();
  });
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    tellHandled = () => socket.write(`${handled}\n`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port };
}

let published = 0;
let told = 0;
let heard;
let wake = () => {};

/** Publishes for a time, and gives how many a second were handled. */
export async function publishMovements(publisher, { port, bytes, durationMs }) {
  heard ??= await hearTold(port);
  const first = published;
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  let failure;
  let unsettled = 0;
  const settled = (error) => {
    unsettled -= 1;
    failure ??= error;
    if (unsettled === 0 || failure !== undefined) wake();
  };
  const isFull = () => published - told + batchSize > windowSize;
  while (performance.now() < endsAt && failure === undefined) {
    if (isFull()) {
      await nextWord();
      continue;
    }
    for (let index = 0; index < batchSize; index++) {
      const outcome = publisher.publish(movementNumber(published++, bytes));
      if (outcome === undefined) continue;
      unsettled += 1;
      outcome.then(() => settled(undefined), settled);
    }
  }
  // The broker's word to the publisher may come after the listener's.
  while ((told < published || unsettled > 0) && failure === undefined) {
    await nextWord();
  }
  if (failure !== undefined) throw failure;
  const elapsedMs = performance.now() - startedAt;
  return {
    count: published - first,
    perSecond: (published - first) / elapsedMs * 1_000,
  };
}

let teller;

/** Publishes so many events to a listener in this process, one after the other. */
export async function tellMovements(contender, { count, bytes }) {
  teller ??= await contender.openEvents(() => {
    handled += 1;
  });
  for (let index = 0; index < count; index++) {
    await teller.publish(movementNumber(published++, bytes));
  }
  while (handled < published) await setImmediate();
}

async function nextWord() {
  await new Promise((resolve) => {
    wake = resolve;
  });
  if (told < 0) {
    throw new Error(
      "The listener got an event twice, not at all or out of order",
    );
  }
}

async function hearTold(port) {
  const socket = createConnection(port, "127.0.0.1");
  let rest = "";
  socket.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    if (lines.length > 0) told = Number(lines.at(-1));
    wake();
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}
