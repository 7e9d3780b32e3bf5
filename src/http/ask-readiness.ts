import { MessagingError } from "../errors/messaging-error.ts";
import { decodeBody } from "../message/json-codec.ts";
import type { Clock } from "../transport/clock.ts";
import { callGateway, type GatewayCaller, networkError } from "./call-gateway.ts";
import { readBody } from "./read-body.ts";

/** What a readiness question is asked with. */
export interface AskReadinessOptions {
  /** Whom to ask. */
  readonly caller: GatewayCaller;
  /** How long an answer may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Time. */
  readonly clock: Clock;
}

const path = "/readyz";
const maximumBytes = 65_536;

/**
 * Asks a gateway whether it can pass requests on, and gives the most bytes that one may have.
 *
 * @throws {MessagingError} `DISCONNECTED`
 */
export async function askReadiness(
  { caller, connectTimeoutMs, clock }: AskReadinessOptions,
  ending: AbortSignal,
): Promise<number> {
  const { url } = caller.address;
  const abort = new AbortController();
  const end = (): void => abort.abort(ending.reason);
  ending.addEventListener("abort", end);
  const timer = clock.after(connectTimeoutMs, () => {
    abort.abort(notReady(`The gateway at ${url} has not answered within ${connectTimeoutMs} ms`));
  });
  try {
    const response = await callGateway(caller, path, {}, abort.signal);
    const body = await readBody(response, abort.signal, maximumBytes);
    if (response.status === 503) {
      throw notReady(`The gateway at ${url} is not ready: it has no connection to its broker`);
    }
    const bytes = response.status === 200 ? bodyBytesIn(body) : undefined;
    if (bytes !== undefined) return bytes;
    throw notReady(
      `There is no gateway at ${url}: ${path} was answered with status ${response.status}, and not as one does`,
    );
  } catch (thrown) {
    throw networkError(thrown, "Cannot connect", caller.address);
  } finally {
    timer.cancel();
    ending.removeEventListener("abort", end);
  }
}

function bodyBytesIn(body: Uint8Array | undefined): number | undefined {
  try {
    const { bodyBytes } = decodeBody(body!) as { bodyBytes?: unknown };
    return typeof bodyBytes === "number" && bodyBytes > 0 ? bodyBytes : undefined;
  } catch {
    return undefined;
  }
}

function notReady(text: string): MessagingError {
  return new MessagingError("DISCONNECTED", text, { execution: "not-executed" });
}
