import type { Logger } from "../logging/logger.ts";
import type { StatusBoard } from "./status-board.ts";
import type { Transport } from "./transport.ts";

/** Who waits for a transport. */
export interface WaitOptions {
  /** What is waited for. */
  readonly transport: Pick<Transport, "status" | "statusError" | "onStatus">;
  /** Shows the status of whoever waits. */
  readonly board: StatusBoard;
  /** Hears each reason. */
  readonly logger: Logger;
  /** Who waits, for the log. */
  readonly who: "client" | "server";
}

/**
 * Tells why a connection that is waited for does not come, the reason that is known already and each other one, until the
 * function is called.
 */
export function tellWait({ transport, board, logger, who }: WaitOptions): () => void {
  const tell = (error: Error): void => {
    logger.warn(`The ${who} is not connected yet, and goes on trying`, { error });
    board.set("connecting", error);
  };
  if (transport.status === "connecting" && transport.statusError !== undefined) tell(transport.statusError);
  return transport.onStatus((status, error) => {
    // How the wait ends is the caller's to tell.
    if (error !== undefined && (status === "connecting" || status === "reconnecting")) tell(error);
  });
}
