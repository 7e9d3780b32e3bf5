import type { Logger } from "../logging/logger.ts";

/** Runs a callback of somebody else's; what it throws goes to the log. */
export function attempt(logger: Logger, failure: string, callback: () => void): void {
  try {
    callback();
  } catch (error) {
    logger.error(failure, { error });
  }
}
