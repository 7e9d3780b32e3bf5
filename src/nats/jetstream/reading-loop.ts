import { MessagingError } from "../../errors/messaging-error.ts";
import { pause } from "../../transport/pause.ts";
import { randomFraction } from "../../transport/reconnect-delay.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import type { ReadingStatus } from "../../transport/reading-status.ts";

const shortestPauseMs = 100;
const longestPauseMs = 3_000;
/** What reads for so long is well again. */
const wellMs = 10_000;

/** What a reader does between its start and its end. */
export interface ReadingSteps {
  /** Sees to it that there is something to read from. @throws {MessagingError} */
  readonly attach: () => Promise<void>;
  /** Reads until it cannot: resolves with why. Never rejects. */
  readonly read: () => Promise<MessagingError>;
}

/** Attaches and reads, again and again, until the signal aborts, or what would never work has ended it. */
export async function keepReading(
  { clock, logger }: BrokerStreams,
  status: ReadingStatus,
  steps: ReadingSteps,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    let error: MessagingError;
    try {
      await steps.attach();
      if (signal.aborted) break;
      const startedAt = clock.now();
      error = await steps.read();
      if (clock.now() - startedAt > wellMs) attempt = 0;
    } catch (thrown) {
      error = thrown instanceof MessagingError ? thrown : unexpected(thrown);
    }
    if (signal.aborted) break;
    if (!status.hasRead && isHopeless(error)) return status.ended(error);
    status.degraded(error);
    if (attempt === 0) logger.warn("A reader of stored messages cannot read, and tries again", { error });
    else logger.debug("A reader of stored messages cannot read, and tries again", { attempt, error });
    await pause(clock, pauseMs(attempt, randomFraction(clock)), signal);
  }
}

/** Trying again changes nothing about these; a reader that has read waits for them to be put right. */
function isHopeless({ code }: MessagingError): boolean {
  return code === "UNSUPPORTED" || code === "FORBIDDEN" || code === "INVALID_REQUEST" || code === "INTERNAL";
}

function pauseMs(attempt: number, fraction: number): number {
  const ceiling = Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(attempt, 8));
  return ceiling * (0.5 + fraction / 2);
}

function unexpected(cause: unknown): MessagingError {
  return new MessagingError("INTERNAL", "A reader of stored messages failed", { cause });
}
