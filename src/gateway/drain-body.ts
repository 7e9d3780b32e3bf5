import type { Clock } from "../transport/clock.ts";
import type { EdgeCall } from "./edge-call.ts";

/** A longer rest is left to the HTTP server, which ends the connection. */
const drainedBytes = 1_048_576;
/** How long the rest may take, in milliseconds: what was sent already is there at once, and nothing else is worth a wait. */
const drainMs = 100;

/**
 * Reads what is left of a refused request's body, and drops it: a caller that has sent it all takes its connection for
 * free again, while an HTTP server ends one whose request was not read to its end. Never rejects.
 */
export async function drainBody({ request, answered }: EdgeCall, clock: Clock): Promise<void> {
  const bytes = Number(request.headers.get("Content-Length"));
  // Where the length is not told, a caller that is refused early is mostly still sending.
  if (answered || request.bodyUsed || request.body === null || !(bytes > 0 && bytes <= drainedBytes)) return;
  const reader = request.body.getReader();
  const timer = clock.after(drainMs, () => void reader.cancel().catch(() => {}));
  try {
    while (!(await reader.read()).done);
  } catch {
    // The caller has left, and its connection with it.
  } finally {
    timer.cancel();
  }
}
