import type { ConsumerInfo } from "@nats-io/jetstream";
import { MessagingError } from "../../errors/messaging-error.ts";
import { consumerWayOut } from "../../transport/consumer-texts.ts";
import type { ConsumeOptions, StartPosition, StoreCallOptions } from "../../transport/event-store.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { requireBroker } from "./broker-version.ts";
import { consumerConfiguration, consumerDifferences } from "./consumer-configuration.ts";
import { openStream } from "./ensure-stream.ts";
import type { StreamApi } from "./stream-api.ts";
import { streamErrorCode, streamErrorCodes } from "./stream-api-error.ts";

const callMs = 3_000;

/** A durable consumer at the broker, and how far it was when it was last seen. */
export class DurableConsumer {
  readonly #streams: BrokerStreams;
  readonly #api: StreamApi;
  readonly #options: ConsumeOptions;
  readonly #call: StoreCallOptions;
  /** When the one that was last seen was made, in the broker's words. */
  #created: string | undefined;
  /** All up to here is settled. */
  #settledUpTo = 0;

  /** Nothing is asked yet. */
  constructor(streams: BrokerStreams, api: StreamApi, options: ConsumeOptions, signal: AbortSignal) {
    this.#streams = streams;
    this.#api = api;
    this.#options = options;
    this.#call = { timeoutMs: callMs, operation: options.consumer, signal };
  }

  /**
   * Sees to it that the consumer is there, and the stream it reads.
   *
   * @throws {MessagingError} `UNSUPPORTED` where the consumer is another one than wanted, `FORBIDDEN` where it is not there
   * and this connection may not make it
   */
  async attach(): Promise<void> {
    const { consumer, exclusive } = this.#options;
    if (exclusive) requireBroker(this.#streams.brokerVersion, "2.11.0", "A consumer that one client has at a time");
    const found = await this.look() ?? await this.#make();
    let wrong = consumerDifferences(this.#options, found.config);
    if (wrong[0]?.startsWith("ackWaitMs")) wrong = await this.#lengthen(wrong);
    if (wrong.length === 0) return;
    throw new MessagingError(
      "UNSUPPORTED",
      `Consumer "${consumer}" is there and is another one than wanted: ${
        wrong.join("; ")
      }. To go on, ${consumerWayOut}`,
      { operation: consumer, data: { consumer, differences: wrong } },
    );
  }

  /** What the broker says of it, now; `undefined` where it is not there. */
  async look(): Promise<ConsumerInfo | undefined> {
    const { stream, consumer } = this.#options;
    const what = `Cannot look at consumer "${consumer}"`;
    try {
      const found = await this.#api.ask<ConsumerInfo>(
        `CONSUMER.INFO.${stream.name}.${consumer}`,
        undefined,
        what,
        this.#call,
      );
      return this.#remember(found);
    } catch (error) {
      const code = streamErrorCode(error);
      if (code === streamErrorCodes.consumerNotFound || code === streamErrorCodes.streamNotFound) return undefined;
      throw error;
    }
  }

  async #make(): Promise<ConsumerInfo> {
    const { stream, consumer } = this.#options;
    const { created } = await openStream(this.#api, stream, this.#call);
    const from = this.#continuation(created);
    try {
      const found = await this.#create(consumerConfiguration(this.#options, from), "create");
      this.#streams.logger.info("A durable consumer was made", { stream: stream.name, consumer });
      return this.#remember(found);
    } catch (error) {
      const code = streamErrorCode(error);
      const isThere = code === streamErrorCodes.consumerExists || code === streamErrorCodes.consumerNameInUse;
      const found = isThere ? await this.look() : undefined;
      if (found === undefined) throw error;
      return found;
    }
  }

  #remember(found: ConsumerInfo): ConsumerInfo {
    this.#created = found.created;
    this.#settledUpTo = found.ack_floor.stream_seq;
    return found;
  }

  /** Where one begins that is made again: behind what the last one had settled, or with all of a stream that is new. */
  #continuation(streamCreated: string): StartPosition {
    if (this.#created === undefined) return this.#options.from;
    // The stream is younger than the consumer that read it: its numbers begin again, and all in it is unread.
    if (Date.parse(streamCreated) > Date.parse(this.#created)) return "all";
    return { sequence: this.#settledUpTo + 1 };
  }

  /** One that was made for less patient instances can be changed, by who may. */
  async #lengthen(wrong: readonly string[]): Promise<readonly string[]> {
    try {
      const found = await this.look();
      if (found === undefined) return wrong;
      const { config } = await this.#create({ ...found.config, ack_wait: this.#options.ackWaitMs * 1e6 }, "update");
      return consumerDifferences(this.#options, config);
    } catch (error) {
      if ((error as MessagingError).code === "FORBIDDEN") return wrong;
      throw error;
    }
  }

  #create(config: object, action: "create" | "update"): Promise<ConsumerInfo> {
    const { stream, consumer } = this.#options;
    return this.#api.ask<ConsumerInfo>(
      `CONSUMER.CREATE.${stream.name}.${consumer}`,
      { stream_name: stream.name, config, action },
      `Cannot make consumer "${consumer}"`,
      this.#call,
    );
  }
}
