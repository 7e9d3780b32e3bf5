/**
 * The names of OpenTelemetry's conventions that are used here, as of version 1.45.0, where those for messaging are in
 * development; a test compares them with the published ones. Written out, so that nothing but the API is needed.
 *
 * @see https://github.com/open-telemetry/semantic-conventions/blob/v1.45.0/docs/messaging/messaging-spans.md
 * @see https://github.com/open-telemetry/semantic-conventions/blob/v1.45.0/docs/messaging/messaging-metrics.md
 */
export const schemaUrl = "https://opentelemetry.io/schemas/1.45.0";

/** Attributes. */
export const attributeNames = {
  system: "messaging.system",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  destinationName: "messaging.destination.name",
  destinationTemplate: "messaging.destination.template",
  consumerGroupName: "messaging.consumer.group.name",
  errorType: "error.type",
} as const;

/** Metrics. */
export const metricNames = {
  operationDuration: "messaging.client.operation.duration",
  processDuration: "messaging.process.duration",
  sentMessages: "messaging.client.sent.messages",
  consumedMessages: "messaging.client.consumed.messages",
} as const;

/** The upper ends of a duration's buckets, in seconds. */
export const durationBoundaries: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
];

/** What an error is called that has no name of its own. */
export const otherError = "_OTHER";
