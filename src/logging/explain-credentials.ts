import type { Logger } from "./logger.ts";

/** Writes down what is wrong with callers' credentials: at level `debug`, because callers decide how often it happens. */
export function explainCredentials(logger: Logger): (operation: string, reason: string) => void {
  return (operation, reason) => logger.debug("A caller's credentials were looked at", { operation, reason });
}
