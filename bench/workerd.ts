// `node --import tsx bench/workerd.ts`: what a connection costs in workerd, in milliseconds over an empty worker: made
// and closed in each request, or held in a Durable Object. One after the other, in turns, so that all three meet the
// same noise; broker and service run on this machine.
import { findNatsServer } from "../scripts/nats-server.ts";
import { findRuntime } from "../tests/runtimes/find-runtimes.ts";
import type { Edge } from "../tests/runtimes/open-edge.ts";

const rounds = 500;
const paths = {
  "empty worker": "empty",
  "connect, request, close in one request": "once",
  "empty Durable Object": "object/empty",
  "request over a connection in a Durable Object": "object/ask",
} as const;

await findNatsServer();
const { openEdge } = await import("../tests/runtimes/open-edge.ts");
const { path, title } = await findRuntime("workerd");
const times = new Map<string, number[]>(
  Object.keys(paths).map((name) => [name, []]),
);
await using edge: Edge = await openEdge(path);
for (let round = -50; round < rounds; round++) {
  for (const [name, path] of Object.entries(paths)) {
    const startedAt = performance.now();
    await edge.get(path);
    // The first rounds warm both processes up.
    if (round >= 0) times.get(name)!.push(performance.now() - startedAt);
  }
}

console.log(`${title}, ${rounds} requests each, in milliseconds`);
const baseline = quantile(times.get("empty worker")!, 0.5);
for (const [name, measured] of times) {
  const median = quantile(measured, 0.5);
  const over = name === "empty worker"
    ? ""
    : `, ${(median - baseline).toFixed(2)} over the empty worker`;
  console.log(
    `${name}: median ${median.toFixed(2)}, p95 ${
      quantile(measured, 0.95).toFixed(2)
    }${over}`,
  );
}

function quantile(values: readonly number[], part: number): number {
  return [...values].sort((left, right) =>
    left - right
  )[Math.floor((values.length - 1) * part)]!;
}
