import type { RequestOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { andThen, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { headerNames, isLibraryHeader } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { isTraceparent } from "../message/trace-headers.ts";
import type { Clock } from "../transport/clock.ts";
import type { RequestOptions } from "./client-options.ts";
import { notSent } from "./not-sent.ts";

const nothing: HeaderEntries = [];

/** Headers in order, by name and value. */
export type HeaderEntries = readonly (readonly [name: string, value: string])[];

/** What a request's headers are made of. */
export interface RequestHeadersOptions {
  /** Which request. */
  readonly operation: RequestOperation;
  /** What the caller gave. */
  readonly options: RequestOptions;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** When that is over, on the clock's scale. */
  readonly deadline: number;
  /** The client's bearer token. */
  readonly token: string | (() => string | Promise<string>) | undefined;
  /** Time. */
  readonly clock: Clock;
}

/**
 * The headers of a request: none where there is nothing to say. A promise only where a token has to be asked for.
 *
 * @throws {MessagingError} `INVALID_REQUEST` for what cannot travel, `UNAUTHENTICATED` where there is no token
 */
export function requestHeaders(request: RequestHeadersOptions): ValueOrPromise<HeaderEntries> {
  const { operation, options, timeoutMs, token } = request;
  const { idempotencyKey, headers: given, parent } = options;
  const isDefault = timeoutMs === (operation.timeoutMs ?? defaultTimeoutMs);
  const saysNothing = given === undefined && idempotencyKey === undefined && parent === undefined;
  if (saysNothing && isDefault && token === undefined) return nothing;
  const entries: (readonly [string, string])[] = given === undefined ? [] : [...ownHeaders(operation.name, given)];
  if (!isDefault) {
    entries.push([headerNames.timeout, String(Math.max(1, Math.floor(timeoutMs)))]);
  }
  if (idempotencyKey !== undefined) {
    if (typeof idempotencyKey !== "string" || !/^[\x21-\x7e]{1,128}$/.test(idempotencyKey)) {
      throw notSent(operation.name, "its idempotencyKey is not 1 to 128 printable ASCII characters without spaces");
    }
    entries.push([headerNames.requestId, idempotencyKey]);
  }
  // A parent's trace came from its own caller.
  const trace = parent?.traceparent;
  if (isTraceparent(trace)) entries.push([headerNames.traceparent, trace]);
  if (token === undefined) return entries;
  return andThen(typeof token === "function" ? askToken(request, token) : token, (bearer) => {
    if (!/^[\x21-\x7e]+$/.test(bearer)) {
      throw notSent(operation.name, "its token is not printable ASCII without spaces");
    }
    return [...entries, [headerNames.authorization, `Bearer ${bearer}`]];
  });
}

function ownHeaders(operation: string, given: Readonly<Record<string, string>>): Iterable<readonly [string, string]> {
  for (const name of Object.keys(given)) {
    if (isLibraryHeader(name)) {
      throw notSent(operation, `the header "${name.slice(0, 64)}" is the library's own`);
    }
  }
  return MessageHeaders.from(given);
}

function askToken(request: RequestHeadersOptions, token: () => string | Promise<string>): Promise<string> {
  const { clock, deadline, operation: { name: operation } } = request;
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      const text = `Request "${operation}" was not sent: its token function gave no token`;
      reject(new MessagingError("UNAUTHENTICATED", text, { operation, cause }));
    };
    const timer = clock.after(Math.max(0, deadline - clock.now()), fail);
    Promise.resolve().then(token).then((value) => typeof value === "string" ? resolve(value) : fail(), fail)
      .finally(() => timer.cancel());
  });
}
