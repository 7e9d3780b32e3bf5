import type { Clock } from "../../transport/clock.ts";
import type { StartPosition, StreamDefinition } from "../../transport/event-store.ts";
import { type ConsumerDefinition, MemoryConsumer } from "./memory-consumer.ts";
import { MemoryStream } from "./memory-stream.ts";

/** A stream and its durable consumers. */
export class StreamShelf {
  /** The stream. */
  readonly stream: MemoryStream;
  readonly #clock: Clock;
  readonly #consumers = new Map<string, MemoryConsumer>();

  /** An empty stream that nobody reads. */
  constructor(definition: StreamDefinition, clock: Clock) {
    this.stream = new MemoryStream(definition, clock);
    this.#clock = clock;
  }

  /** The consumer of this name, made where there is none. @throws {MessagingError} `UNSUPPORTED` where it differs */
  consumer(name: string, definition: ConsumerDefinition, from: StartPosition): MemoryConsumer {
    const there = this.#consumers.get(name);
    there?.check(definition);
    const consumer = there ?? new MemoryConsumer(this.stream, name, definition, from, this.#clock);
    this.#consumers.set(name, consumer);
    return consumer;
  }

  /** Deletes a consumer; `false` where there is none. */
  deleteConsumer(name: string): boolean {
    const consumer = this.#consumers.get(name);
    this.#consumers.delete(name);
    consumer?.delete();
    return consumer !== undefined;
  }
}

/** Finds the stream a reader wants, or makes it. @throws {MessagingError} `UNSUPPORTED` where it cannot be made */
export type OpenShelf = (definition: StreamDefinition) => StreamShelf;
