/** What a middleware sees of one call. */
export interface OperationCall<Context = unknown> {
  /** A request, or an event. */
  readonly kind: "request" | "event";
  /** What happens to its message here: it is sent, a handler gets it, or the reader of a stream takes it. */
  readonly action: "send" | "process" | "receive";
  /** The operation's name in the contract. */
  readonly operation: string;
  /** The subject, with its namespace and with the name of each parameter, in braces, in the place of its value. */
  readonly destination: string;
  /** Who shares the messages that come in; absent where everyone gets each, and for what is sent. */
  readonly queueGroup?: string | undefined;
  /** What is sent or was received; a middleware may put another value in its place before `next`. */
  data: unknown;
  /** The side's own context. */
  readonly context: Context;
}

/**
 * Wraps every call of a client or a server: it may look, change, refuse or time. `next` runs the rest, once.
 *
 * @example
 * ```ts
 * import type { Middleware } from "@magicbutton/messaging";
 *
 * export const timed: Middleware = async (call, next) => {
 *   const start = performance.now();
 *   try {
 *     return await next();
 *   } finally {
 *     console.log(call.operation, performance.now() - start);
 *   }
 * };
 * ```
 */
export type Middleware<Context = unknown> = (
  call: OperationCall<Context>,
  next: () => Promise<unknown>,
) => Promise<unknown>;

/** Runs a call through middleware, the first outermost, and at last through `run`. */
export function runMiddleware<Context>(
  middleware: readonly Middleware<Context>[],
  call: OperationCall<Context>,
  run: (call: OperationCall<Context>) => Promise<unknown>,
): Promise<unknown> {
  const step = (index: number): Promise<unknown> => {
    const layer = middleware[index];
    if (layer === undefined) return run(call);
    let entered = false;
    return layer(call, () => {
      if (entered) return Promise.reject(new TypeError(`A middleware called next() twice for "${call.operation}"`));
      entered = true;
      return step(index + 1);
    });
  };
  return step(0);
}
