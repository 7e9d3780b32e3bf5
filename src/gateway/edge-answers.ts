import type { MessagingError } from "../errors/messaging-error.ts";
import type { EdgeCall } from "./edge-call.ts";
import type { EdgeRefusalOptions } from "./edge-refusal.ts";
import { problemHeaders, problemOf } from "./problem.ts";

/** Headers of every answer. */
export const everyAnswer = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Vary": "Origin",
} as const;

/** The answer of a service: its bytes, or none. */
export function valueAnswer(call: EdgeCall, body: Uint8Array): Response {
  if (body.length === 0) return new Response(null, { status: 204, headers: answerHeaders(call, {}) });
  const headers = answerHeaders(call, { "Content-Type": "application/json" });
  return new Response(body as Uint8Array<ArrayBuffer>, { status: 200, headers });
}

/** An error as an answer. */
export function problemAnswer(
  call: EdgeCall,
  error: MessagingError,
  options: Pick<EdgeRefusalOptions, "type" | "members" | "headers"> = {},
): Response {
  const headers = answerHeaders(call, { ...problemHeaders(error), ...options.headers });
  return new Response(JSON.stringify(problemOf(error, options)), { status: error.status, headers });
}

/** A stream of events as an answer. */
export function streamAnswer(call: EdgeCall, body: ReadableStream<Uint8Array>): Response {
  const headers = answerHeaders(call, { "Content-Type": "text/event-stream; charset=utf-8" });
  // Proxies would otherwise hold events back to compress or to gather them.
  headers["Cache-Control"] = "no-store, no-transform";
  headers["X-Accel-Buffering"] = "no";
  return new Response(body, { status: 200, headers });
}

// A plain object: servers write it as it is, where a `Headers` would be filled and read out again.
function answerHeaders({ cors, rate }: EdgeCall, own: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = { ...own, ...everyAnswer, ...cors };
  if (rate.policy !== "") {
    headers["RateLimit-Policy"] = rate.policy;
    headers["RateLimit"] = rate.state;
  }
  return headers;
}
