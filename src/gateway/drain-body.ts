import type { EdgeCall } from "./edge-call.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";

/** A longer rest is left to the HTTP server, which ends the connection. */
const drainedBytes = 1_048_576;

/**
 * Reads what is left of a refused request's body, and drops it: a caller that has sent it all takes its connection for
 * free again, while an HTTP server ends one whose request was not read to its end. Never rejects.
 */
export async function drainBody(call: EdgeCall, now: () => number, limits: EffectiveLimits): Promise<void> {
  const { request } = call;
  const bytes = Number(request.headers.get("Content-Length"));
  // Where the length is not told, a caller that is refused early is mostly still sending.
  if (request.bodyUsed || request.body === null || !(bytes > 0 && bytes <= drainedBytes)) return;
  const reader = request.body.getReader();
  const startedAt = now();
  const progress = call.body = {
    startedAt,
    lastAt: startedAt,
    idleMs: limits.bodyIdleMs,
    totalMs: limits.bodyTotalMs,
    cancel: () => void reader.cancel().catch(() => {}),
  };
  try {
    while (!(await reader.read()).done) progress.lastAt = now();
  } catch {
    // The caller has left, and its connection with it.
  } finally {
    call.body = undefined;
  }
}
