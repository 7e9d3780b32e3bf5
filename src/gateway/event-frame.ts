import type { MessagingError } from "../errors/messaging-error.ts";
import { isReservedHeader } from "../message/header-names.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import { problemOf } from "./problem.ts";

const encoder = new TextEncoder();
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;
const dataStart = encoder.encode("data: ");
/** Ends a field; with it again, a frame. */
const lineEnd = "\n";

/** What an event's headers keep for themselves: they belong to the inside. */
const ownHeader = /^(?:authorization|traceparent|tracestate)$/i;

/** The first thing on a stream: with it the response's head goes out. */
export const readyFrame: Uint8Array = encoder.encode(": ready\n\n");

/** Says that the gateway is there. */
export const heartbeatFrame: Uint8Array = encoder.encode(":\n\n");

/** An event on its way out. */
export interface OutgoingEvent {
  readonly id: string;
  /** When it was stored, in milliseconds since 1970; absent for an event that is not. */
  readonly storedAt?: number;
  readonly name: string;
  /** The subject behind `.event.`. */
  readonly subject: string;
  readonly headers: MessageHeaders;
  /** Its JSON as it came. */
  readonly body: Uint8Array;
}

/**
 * Writes an event as a frame of a stream, once for all who hear it.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventFrame({ id, storedAt, name, subject, headers, body }: OutgoingEvent): Uint8Array {
  let head = field("id", id) + field("event", name) + field("subject", subject);
  if (storedAt !== undefined) head += field("time", String(storedAt));
  for (const [header, value] of headers) {
    if (!isReservedHeader(header) && !ownHeader.test(header)) head += field("header", `${header}: ${value}`);
  }
  const start = byteOrderMark.every((byte, index) => body[index] === byte) ? byteOrderMark.length : 0;
  const json = start === 0 ? body : body.subarray(start);
  if (json.length === 0) return encoder.encode(head + lineEnd);
  return json.includes(lineFeed) || json.includes(carriageReturn)
    ? joined(encoder.encode(head), ...dataLines(json), encoder.encode(lineEnd))
    : joined(encoder.encode(head), dataStart, json, encoder.encode(lineEnd + lineEnd));
}

/** A frame of the gateway's own; a dot stands in no event's name, so that nobody takes one for the other. */
export function gatewayFrame(event: "gateway.reset" | "gateway.end", data: unknown): Uint8Array {
  return encoder.encode(field("event", event) + field("data", JSON.stringify(data)) + lineEnd);
}

/** The last frame of a stream that the gateway ends. */
export function endFrame(error: MessagingError): Uint8Array {
  return gatewayFrame("gateway.end", problemOf(error));
}

/** The first frame of a stream that cannot go on where another ended, and one where events may be missing. */
export function resetFrame(reason: string): Uint8Array {
  return gatewayFrame("gateway.reset", { reason });
}

/** Says where a stream stands, so that whoever comes back goes on from there; a reader hears no event. */
export function positionFrame(id: string): Uint8Array {
  return encoder.encode(field("id", id) + lineEnd);
}

/** A line break in a value would be the next field, and two of them the next event. */
function field(name: string, value: string): string {
  return `${name}: ${value.replace(/[\r\n\0]/g, " ")}${lineEnd}`;
}

/** A JSON text over several lines, whose breaks mean nothing between its tokens. */
function* dataLines(json: Uint8Array): Generator<Uint8Array> {
  const end = encoder.encode(lineEnd);
  for (let start = 0; start < json.length;) {
    let stop = start;
    while (stop < json.length && json[stop] !== lineFeed && json[stop] !== carriageReturn) stop += 1;
    yield dataStart;
    yield json.subarray(start, stop);
    yield end;
    start = stop + (json[stop] === carriageReturn && json[stop + 1] === lineFeed ? 2 : 1);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
