import { checkReceipt, orderNumber } from "../contenders/work.mjs";

let sent = 0;

/**
 * So many callers, each asking again as soon as it has its answer, for a time or for a number of requests. Every answer is
 * looked at. `latencies` keeps each request's time, which costs a little.
 */
export async function sendRequests(
  client,
  { inFlight, durationMs = Infinity, count = Infinity, latencies = false },
) {
  const times = [];
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  let left = count;
  let done = 0;

  async function call() {
    for (let now = startedAt; now < endsAt && left > 0;) {
      left -= 1;
      const order = orderNumber(sent++);
      const receipt = await client.request(order);
      checkReceipt(order, receipt);
      done += 1;
      const answeredAt = performance.now();
      if (latencies) times.push(answeredAt - now);
      now = answeredAt;
    }
  }

  await Promise.all(Array.from({ length: inFlight }, call));
  const elapsedMs = performance.now() - startedAt;
  const perSecond = done / elapsedMs * 1_000;
  if (!latencies) return { count: done, perSecond };
  times.sort((one, other) => one - other);
  const quantile = (part) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return {
    count: done,
    perSecond,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}
