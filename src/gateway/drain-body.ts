import type { Clock, Timer } from "../transport/clock.ts";
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
  let timer: Timer | undefined;
  try {
    if (answered || request.bodyUsed) return;
    // Asked for whatever its length: @hono/node-server reads all of a body that nobody asked for, as fast as it comes.
    const { body } = request;
    const bytes = Number(request.headers.get("Content-Length"));
    // Where the length is not told, a caller that is refused early is mostly still sending.
    if (body === null || !(bytes > 0 && bytes <= drainedBytes)) return;
    const reader = body.getReader();
    timer = clock.after(drainMs, () => void reader.cancel().catch(() => {}));
    while (!(await reader.read()).done);
  } catch {
    // The caller has left, and its connection with it; or the request is none that a body can be asked of.
  } finally {
    timer?.cancel();
  }
}
