// This library over NATS, with an eye on its table of requests that wait; looking costs a little, so only the heap part
// uses it.
import process from "node:process";

const { PendingRequests } = await import(
  new URL("src/transport/pending-requests.js", process.env.BENCH_LIBRARY).href
);
const tables = new Set();
const { wait } = PendingRequests.prototype;
PendingRequests.prototype.wait = function (...call) {
  tables.add(this);
  return wait.apply(this, call);
};

/** How many requests wait for an answer. */
export function pendingCount() {
  if (tables.size === 0) {
    throw new Error("No request went through the table of those that wait");
  }
  return [...tables].reduce((sum, { size }) => sum + size, 0);
}

export { open, serve } from "./ours.mjs";
