import type { MessageHeaders } from "./message-headers.ts";

const acknowledgementKeys = new Set(["stream", "seq", "domain", "duplicate", "val", "batch", "count"]);

/**
 * Names the stream when a reply is a JetStream publish acknowledgement: a stream whose subjects overlap a request's
 * answers the caller before the service can. The broker's acknowledgement has no headers.
 */
export function acknowledgingStream(headers: MessageHeaders, value: unknown): string | undefined {
  if (headers.size > 0 || typeof value !== "object" || value === null) return undefined;
  const { stream, seq } = value as { stream?: unknown; seq?: unknown };
  if (typeof stream !== "string" || !Number.isInteger(seq)) return undefined;
  return Object.keys(value).every((key) => acknowledgementKeys.has(key)) ? stream.slice(0, 128) : undefined;
}
