/** The headers of a caller's request that the gateway reads, and those it passes on. */
export interface EdgeHeaders {
  /** How many bytes all of them have, also those that are not read. */
  bytes: number;
  /** How many there are. */
  count: number;
  authorization: string | undefined;
  contentType: string | undefined;
  contentEncoding: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  idempotencyKey: string | undefined;
  requestTimeoutMs: string | undefined;
  lastEventId: string | undefined;
  origin: string | undefined;
  traceparent: string | undefined;
  tracestate: string | undefined;
  /** Those that travel on, by their name as the options spell it. */
  forwarded: (readonly [name: string, value: string])[];
}

/** A header's name and value on the wire have a colon, a space and a line's end beside them. */
const lineBytes = 4;

/** Reads all that is wanted of a request's headers in one pass; `forward` has the names that travel on, in small letters. */
export function readEdgeHeaders(headers: Headers, forward: ReadonlyMap<string, string>): EdgeHeaders {
  const read: EdgeHeaders = {
    bytes: 0,
    count: 0,
    authorization: undefined,
    contentType: undefined,
    contentEncoding: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    idempotencyKey: undefined,
    requestTimeoutMs: undefined,
    lastEventId: undefined,
    origin: undefined,
    traceparent: undefined,
    tracestate: undefined,
    forwarded: [],
  };
  // `Headers` gives names in small letters.
  headers.forEach((value, name) => {
    read.count += 1;
    read.bytes += name.length + value.length + lineBytes;
    const field = fields[name];
    if (field !== undefined) read[field] = value;
    if (forward.size === 0) return;
    const spelled = forward.get(name);
    if (spelled !== undefined) read.forwarded.push([spelled, value]);
  });
  return read;
}

type Field = Exclude<keyof EdgeHeaders, "bytes" | "count" | "forwarded">;

const fields: Readonly<Record<string, Field | undefined>> = Object.assign(Object.create(null), {
  "authorization": "authorization",
  "content-type": "contentType",
  "content-encoding": "contentEncoding",
  "content-length": "contentLength",
  "transfer-encoding": "transferEncoding",
  "idempotency-key": "idempotencyKey",
  "request-timeout-ms": "requestTimeoutMs",
  "last-event-id": "lastEventId",
  "origin": "origin",
  "traceparent": "traceparent",
  "tracestate": "tracestate",
});
