import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import { durationBoundaries, metricNames } from "./semantic-conventions.ts";

/** How an operation ended. */
export interface OperationOutcome {
  /** Which, and with what error. */
  readonly attributes: Attributes;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** The four metrics of the conventions for messaging. */
export class Instruments {
  readonly #operationDuration: Histogram;
  readonly #processDuration: Histogram;
  readonly #sentMessages: Counter;
  readonly #consumedMessages: Counter;

  /** Made by one meter. */
  constructor(meter: Meter) {
    const duration = (name: string, description: string): Histogram =>
      meter.createHistogram(name, {
        description,
        unit: "s",
        advice: { explicitBucketBoundaries: [...durationBoundaries] },
      });
    const count = (name: string, description: string): Counter =>
      meter.createCounter(name, { description, unit: "{message}" });
    this.#operationDuration = duration(
      metricNames.operationDuration,
      "Duration of messaging operation initiated by a producer or consumer client.",
    );
    this.#processDuration = duration(metricNames.processDuration, "Duration of processing operation.");
    this.#sentMessages = count(
      metricNames.sentMessages,
      "Number of messages producer attempted to send to the broker.",
    );
    this.#consumedMessages = count(
      metricNames.consumedMessages,
      "Number of messages that were delivered to the application.",
    );
  }

  /** Something was sent, so many times: not at all where it failed before, and more than once where it was tried again. */
  sent({ attributes, durationMs }: OperationOutcome, messages: number): void {
    this.#operationDuration.record(durationMs / 1_000, attributes);
    if (messages > 0) this.#sentMessages.add(messages, attributes);
  }

  /** A handler has ended. */
  processed({ attributes, durationMs }: OperationOutcome): void {
    this.#processDuration.record(durationMs / 1_000, attributes);
    this.#consumedMessages.add(1, attributes);
  }

  /** A reader has taken something. */
  received(attributes: Attributes): void {
    this.#consumedMessages.add(1, attributes);
  }
}
