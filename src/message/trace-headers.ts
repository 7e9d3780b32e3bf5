/** `traceparent` of W3C Trace Context, https://www.w3.org/TR/trace-context/. */
const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const tracestate = /^[\x20-\x7e]{1,512}$/;

/** Tells a `traceparent` from a text that only stands in its place; W3C has a malformed one ignored. */
export function isTraceparent(value: string | undefined): value is string {
  return value !== undefined && traceparent.test(value);
}

/** Tells a `tracestate` that may travel on: the standard has at least 512 characters passed on, and here it is at most. */
export function isTracestate(value: string | undefined): value is string {
  return value !== undefined && tracestate.test(value);
}
