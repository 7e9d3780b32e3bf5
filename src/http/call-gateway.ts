import type { Execution } from "../errors/error-codes.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { raceAbort } from "../transport/race-abort.ts";
import type { GatewayAddress } from "./gateway-address.ts";

/**
 * As much of `fetch` as is used.
 *
 * @example
 * ```ts
 * import type { HttpFetch } from "@magicbutton/messaging";
 *
 * const withCookies: HttpFetch = (url, init) => fetch(url, { ...init, credentials: "include" });
 * ```
 */
export type HttpFetch = (url: string, init: RequestInit) => Promise<Response>;

/** What every call to a gateway is made with. */
export interface GatewayCaller {
  /** Where it is. */
  readonly address: GatewayAddress;
  /** How it is reached. */
  readonly fetch: HttpFetch;
}

/**
 * Calls a gateway, and gives what it answers before the body is read. Settles as soon as the signal aborts, whatever
 * `fetch` does with it.
 *
 * @throws what `fetch` threw, or the signal's reason
 */
export function callGateway(
  { address, fetch }: GatewayCaller,
  path: string,
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response> {
  // A token must not follow a redirect to another place. Not "error": workerd knows "manual" and "follow" only.
  const called = (async () => await fetch(address.url + path, { ...init, redirect: "manual", signal }))();
  called.then((late) => signal.aborted ? late.body?.cancel() : undefined).catch(() => {});
  return raceAbort(called, signal, (reason) => reason);
}

/** The error for what was thrown on the way to a gateway: itself, where it is one already. */
export function networkError(
  thrown: unknown,
  what: string,
  { url }: GatewayAddress,
  { operation, execution }: { readonly operation?: string | undefined; readonly execution?: Execution | undefined } =
    {},
): MessagingError {
  if (isMessagingError(thrown)) return thrown;
  return new MessagingError("DISCONNECTED", `${what}: the gateway at ${url} cannot be reached, or hung up`, {
    operation,
    execution,
    cause: thrown,
  });
}
