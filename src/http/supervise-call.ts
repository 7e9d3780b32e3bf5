import type { Execution } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock, Timer } from "../transport/clock.ts";
import { type GatewayCaller, networkError } from "./call-gateway.ts";

/** What a supervised call is made with. */
export interface SupervisedCall {
  /** Whom it calls. */
  readonly caller: GatewayCaller;
  /** Time. */
  readonly clock: Clock;
  /** At the start of error texts. */
  readonly what: string;
  /** The event of the contract. */
  readonly operation?: string;
  /** What is known where the gateway is not heard. @default "unknown" */
  readonly execution?: Execution;
  /** Ends it. */
  readonly ending: AbortSignal;
}

/** The supervisor of a call, for whoever makes it. */
export interface CallSupervisor {
  /** Aborts when the call is to end. */
  readonly signal: AbortSignal;
  /** From now on it may be silent for so long, in milliseconds. */
  allowSilence(limitMs: number): void;
  /** Something was heard. */
  heard(): void;
}

/**
 * Makes a call that ends with a signal, or when the gateway says nothing for too long: one timer, which looks again when
 * something was heard meanwhile.
 *
 * @throws {MessagingError} what the call threw, `DISCONNECTED` for silence and for what the network fails with
 */
export async function superviseCall<Value>(
  { caller, clock, what, operation, execution, ending }: SupervisedCall,
  call: (supervisor: CallSupervisor) => Promise<Value>,
): Promise<Value> {
  const abort = new AbortController();
  const { signal } = abort;
  const end = (): void => abort.abort(ending.reason);
  let timer: Timer | undefined;
  let heardAt = 0;
  const look = (limitMs: number): void => {
    const leftMs = heardAt + limitMs - clock.now();
    if (leftMs > 0) timer = clock.after(leftMs, () => look(limitMs));
    else {
      const text = `${what} has heard nothing for ${limitMs} ms`;
      abort.abort(new MessagingError("DISCONNECTED", text, { operation, execution }));
    }
  };
  const heard = (): void => {
    heardAt = clock.now();
  };
  const allowSilence = (limitMs: number): void => {
    timer?.cancel();
    heard();
    look(limitMs);
  };
  ending.addEventListener("abort", end);
  if (ending.aborted) end();
  try {
    return await call({ signal, allowSilence, heard });
  } catch (thrown) {
    throw networkError(thrown, what, caller.address, { operation, execution });
  } finally {
    timer?.cancel();
    ending.removeEventListener("abort", end);
  }
}
