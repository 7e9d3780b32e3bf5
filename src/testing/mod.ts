/**
 * A kit for tests of what is built with this library: a client and a server in one line, a history of what was sent,
 * messages that fail on purpose, inputs generated from the contract, and a conformance test for a running service.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { createTestPair } from "@magicbutton/messaging/testing";
 *
 * const greeter = createContract({
 *   name: "greeter",
 *   version: "1.0.0",
 *   requests: { greet: { request: v.object({ name: v.string() }), response: v.object({ text: v.string() }) } },
 * });
 * await using pair = await createTestPair(greeter, { handlers: { greet: ({ name }) => ({ text: `Hello, ${name}` }) } });
 * console.log(await pair.client.request("greet", { name: "Ada" }));
 * console.log(pair.requests.last("greet")?.data.name);
 * ```
 *
 * @module
 */

export { createTestPair, type TestHandlers, type TestPair, type TestPairOptions } from "./create-test-pair.ts";
export { TestTransport, type TestTransportOptions } from "./test-transport.ts";
export { createTestAuthenticator, type TestAuthenticator, type TestCaller } from "./test-authenticator.ts";
export { FakeClock } from "./fake-clock.ts";

export type { HistoryLimits, MessageHistory } from "./message-history.ts";
export type { MessageLog, NextOptions } from "./message-log.ts";
export type {
  EventOutcome,
  HistoryEntry,
  RequestOutcome,
  SentAnswer,
  SentAnswers,
  SentError,
  SentErrors,
  SentEvent,
  SentEvents,
  SentMessage,
  SentRequest,
  SentRequests,
} from "./sent-messages.ts";
export type {
  FailOptions,
  FailureCode,
  FailureData,
  FaultOptions,
  Faults,
  InjectedFault,
  RouteFaultOptions,
} from "./faults.ts";

export { generateEvents, generateRequests, generateResponses } from "./generate-inputs.ts";
export { type GeneratedValues, type GenerateOptions, generateValues, type InvalidValue } from "./generate-values.ts";
export { conformance, type ConformanceCase, type ConformanceOptions, type ConformanceToken } from "./conformance.ts";
