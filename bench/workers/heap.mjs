// What lies in the heap after everything that can be collected was: needs --expose-gc.
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { orderNumber } from "../contenders/work.mjs";

/** Bytes in the heap, and in buffers outside it. */
export async function measureHeap() {
  // What a turn still holds, and what finalizers set free, goes with the next collection.
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, buffers: external };
}

/** Asks so many requests and waits for none: a `then` would count, too. One that is refused ends the process. */
export function openPending(client, { count }) {
  for (let number = 0; number < count; number++) {
    client.request(orderNumber(number));
  }
}
