/** Headers that tell a stream how to store a message, as JetStream reads them. */
export const storeHeaders = {
  /** A message of the same id is stored once. */
  messageId: "Nats-Msg-Id",
  /** No other stream is to store it. */
  expectedStream: "Nats-Expected-Stream",
} as const;
