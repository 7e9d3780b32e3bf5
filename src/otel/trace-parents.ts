import { type Context, context, type Link, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { headerNames } from "../message/header-names.ts";
import { headerGetter } from "./header-carrier.ts";
import type { TracedCallContext } from "./traced-call-context.ts";

/** Where a span belongs. */
export interface SpanPlace {
  /** The context it is made in; the span in it is its parent. */
  readonly parent: Context;
  /** The span that made the message, where it is another one's. */
  readonly links: Link[];
}

/** Finds the parents of spans: by the runtime's context, by the call that another is made for, or by headers. */
export class TraceParents {
  readonly #ofCalls = new WeakMap<object, Context>();

  /** Says which context a handler runs in, for the requests that are made with it as their `parent`. */
  remember(call: object, inside: Context): void {
    this.#ofCalls.set(call, inside);
  }

  /** The place of a span that sends. */
  ofSender(call: TracedCallContext): SpanPlace & { readonly isTraced: boolean } {
    const active = context.active();
    const { headers, parent } = call;
    const traceparent = headers.get(headerNames.traceparent);
    // The message's caller has put it into a trace itself, and there it stays.
    const isTraced = traceparent !== undefined && traceparent !== parent?.traceparent;
    const links = isTraced ? linksTo(propagation.extract(ROOT_CONTEXT, call, headerGetter)) : [];
    if (trace.getSpanContext(active) !== undefined) return { parent: active, links, isTraced };
    const known = parent === undefined ? undefined : this.#ofCalls.get(parent);
    return { parent: known ?? propagation.extract(active, call, headerGetter), links, isTraced };
  }

  /**
   * The place of a span that receives: the message's own trace. Not the runtime's context, which is that of whoever opened
   * the connection, or in memory that of the sender.
   */
  ofReceiver(call: TracedCallContext): SpanPlace {
    const parent = propagation.extract(ROOT_CONTEXT, call, headerGetter);
    return { parent, links: linksTo(parent) };
  }
}

function linksTo(created: Context): Link[] {
  const spanContext = trace.getSpanContext(created);
  return spanContext === undefined ? [] : [{ context: spanContext }];
}
