import { isLibraryCode, type LibraryCode } from "../errors/error-codes.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { isOutage } from "../errors/is-outage.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";

/** What the connection behind the gateway may say to the outside in its own words: they name no host and no right. */
const plainCodes: readonly string[] = ["NO_RESPONDERS", "TIMEOUT", "CANCELLED", "BUSY", "PAYLOAD_TOO_LARGE"];

/** Decides what callers are told of a failure; the log gets the rest, under the same correlation id. */
export class ToldErrors {
  readonly #logger: Logger;
  readonly #identifiers: ReturnType<typeof createIdentifierSource>;

  /** The logger hears what callers are not told. */
  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#identifiers = createIdentifierSource(clock);
  }

  /** Of what a program's own function or the gateway itself threw. */
  ofProgram(thrown: unknown, operation: string | undefined): MessagingError {
    // A program's own function may throw an error of any code; callers know those of the library.
    if (isMessagingError(thrown) && isLibraryCode(thrown.code)) {
      if (isOutage(thrown)) this.#logger.warn("A caller could not be verified", { operation, error: thrown });
      return thrown;
    }
    return this.#hidden("INTERNAL", "The gateway failed", thrown, operation, "not-executed");
  }

  /** Of what the connection behind the gateway threw. */
  ofConnection(thrown: unknown, operation: string | undefined): MessagingError {
    if (!isMessagingError(thrown)) return this.#hidden("INTERNAL", "The gateway failed", thrown, operation);
    if (plainCodes.includes(thrown.code)) return thrown;
    // The text may name a host, and a refusal would be one of the gateway's own rights, not of the caller's.
    const { execution } = thrown;
    if (thrown.code !== "DISCONNECTED") {
      return this.#hidden("INTERNAL", "The gateway failed", thrown, operation, execution);
    }
    this.#logger.warn("The gateway has no connection to its broker", { operation, error: thrown });
    return new MessagingError("DISCONNECTED", "The gateway has no connection to the services", {
      operation,
      execution,
    });
  }

  /** Of an answer that could not be used, or that was an error. */
  ofReply(thrown: unknown, operation: string): MessagingError {
    if (!isMessagingError(thrown)) return this.#hidden("INTERNAL", "The gateway failed", thrown, operation);
    const { code, correlationId, execution } = thrown;
    const unusable = code === "INVALID_RESPONSE" || code === "MALFORMED_MESSAGE" || code === "DECRYPTION_FAILED";
    // What a service says of itself is meant for callers. What is found here names parts of an answer nobody vouches for.
    if (!unusable || correlationId !== undefined || (code !== "INVALID_RESPONSE" && execution === "not-executed")) {
      return thrown;
    }
    return this.#hidden(code, `The answer to request "${operation}" cannot be used`, thrown, operation, execution);
  }

  #hidden(
    code: LibraryCode,
    text: string,
    thrown: unknown,
    operation: string | undefined,
    execution?: MessagingError["execution"],
  ): MessagingError {
    const correlationId = this.#identifiers.next(unguessableLength);
    this.#logger.error(text, { operation, correlationId, error: thrown });
    return new MessagingError(code, text, { operation, correlationId, execution });
  }
}
