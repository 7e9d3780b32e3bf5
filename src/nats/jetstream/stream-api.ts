import { MessagingError } from "../../errors/messaging-error.ts";
import { createIdentifierSource, type IdentifierSource, requestIdLength } from "../../transport/identifiers.ts";
import type { StoreCallOptions } from "../../transport/event-store.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { fromStreamApiError, type StreamApiError } from "./stream-api-error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const noBody = new Uint8Array();

/**
 * Requests to the broker's streams, each one JSON document and its answer.
 *
 * Of `@nats-io/jetstream` (3.4.0) this takes the types only, which hold what is asked and answered to the broker's names.
 * Its code would send the same six requests, over a connection of nats-core: measured with esbuild for a browser, it adds
 * 45,039 bytes, gzipped, to the 41,839 of a client with the NATS transport in every bundle of one file, a Worker's for
 * instance, whether or not there are durable events. Its consumers and acknowledgements do not fit beside: see
 * `session.ts` for the connection, and a callback that throws ends its `consume()`.
 */
export class StreamApi {
  readonly #streams: BrokerStreams;
  readonly #identifiers: IdentifierSource;

  /** Over this connection. */
  constructor(streams: BrokerStreams) {
    this.#streams = streams;
    this.#identifiers = createIdentifierSource(streams.clock);
  }

  /** An id for a request that has none. */
  nextRequestId(): string {
    return this.#identifiers.next(requestIdLength);
  }

  /**
   * Asks; `endpoint` is what follows `$JS.API.`, and `what` begins error texts.
   *
   * @throws {MessagingError} `UNSUPPORTED` where the broker has no streams, what its own error means, and what a request throws
   */
  async ask<Answer>(
    endpoint: string,
    question: object | undefined,
    what: string,
    options: StoreCallOptions,
  ): Promise<Answer> {
    const body = question === undefined ? noBody : encoder.encode(JSON.stringify(question));
    const { operation } = options;
    const answer = await this.#request(endpoint, body, what, options);
    if (answer.error === undefined) return answer as Answer;
    throw fromStreamApiError(answer.error, what, operation);
  }

  async #request(
    endpoint: string,
    body: Uint8Array,
    what: string,
    { operation, timeoutMs, signal }: StoreCallOptions,
  ): Promise<{ error?: StreamApiError }> {
    try {
      return await this.#streams.connection.request(`$JS.API.${endpoint}`, body, {
        requestId: this.nextRequestId(),
        timeoutMs,
        operation,
        signal,
        read: (message) => readJson(message.body, what, operation),
      });
    } catch (error) {
      const { code, execution } = error as MessagingError;
      if (code === "NO_RESPONDERS") throw nobody(what, operation, this.#streams.hasStreams);
      if (code === "FORBIDDEN") {
        const text = `${what}: the broker does not let this connection ask "$JS.API.${endpoint}"`;
        throw new MessagingError("FORBIDDEN", text, { operation, execution, cause: error });
      }
      throw error;
    }
  }
}

function nobody(what: string, operation: string, hasStreams: boolean): MessagingError {
  // A server of a cluster that is between two leaders says the same as one that has never heard of streams.
  return hasStreams
    ? new MessagingError("BUSY", `${what}: nobody answers for the broker's streams now`, { operation })
    : new MessagingError("UNSUPPORTED", `${what}: the broker has no streams; JetStream is off`, { operation });
}

function readJson(body: Uint8Array, what: string, operation: string): { error?: StreamApiError } {
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // As what is JSON and no object.
  }
  throw new MessagingError("INTERNAL", `${what}: somebody answered who is not the broker`, { operation });
}
