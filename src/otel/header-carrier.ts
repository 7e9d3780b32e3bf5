import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import type { TracedCallContext } from "./traced-call-context.ts";

/** Reads trace context and baggage from a message's headers. */
export const headerGetter: TextMapGetter<TracedCallContext> = {
  get: ({ headers }, name) => headers.get(name),
  keys: ({ headers }) => [...headers].map(([name]) => name),
};

/** Writes them into the headers of a message that is not sent yet. */
export const headerSetter: TextMapSetter<TracedCallContext> = {
  set: (context, name, value) => {
    try {
      context.setHeader?.(name, value);
    } catch {
      // A message without a trace is worth more than none: baggage may be too long, or not be ASCII.
    }
  },
};
