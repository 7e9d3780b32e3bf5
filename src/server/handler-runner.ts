import type { Contract } from "../contract/contract.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import type { StandardIssue, StandardResult } from "../contract/standard-schema.ts";
import { validationIssues } from "../contract/validator.ts";
import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { isMessagingError, type MessagingError } from "../errors/messaging-error.ts";
import { BodyEncoder } from "../message/body-encoder.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { Clock } from "../transport/clock.ts";
import type { AcceptedRequest } from "./accepted-request.ts";
import { declaredError } from "./declared-error.ts";
import type { RequestAnswers } from "./request-answers.ts";
import type { RunningRequest } from "./running-request.ts";
import type { ServerCallContext } from "./server-options.ts";

/** Two timers of one deadline fire within this time: a tick of the wheel each, and a clock of whole milliseconds. */
const timerSpreadMs = 25;

/** What a handler runner is made of. */
export interface HandlerRunnerOptions {
  /** What is served. */
  readonly contract: Contract;
  /** Wraps every handler. */
  readonly middleware: readonly Middleware<ServerCallContext>[];
  /** Time. */
  readonly clock: Clock;
  /** Sends answers. */
  readonly answers: RequestAnswers;
}

/** Runs the handlers of requests that may be served, and answers with what comes of them. */
export class HandlerRunner {
  readonly #options: HandlerRunnerOptions;
  readonly #bodies = new BodyEncoder();

  /** For one server. */
  constructor(options: HandlerRunnerOptions) {
    this.#options = options;
  }

  /** Runs one, unless nobody waits any more; what it throws is answered. */
  run(accepted: AcceptedRequest, data: unknown, running: RunningRequest): ValueOrPromise<void> {
    if (accepted.answered) return;
    try {
      const result = this.#options.middleware.length === 0
        ? accepted.endpoint.handler(data, running)
        : this.#throughMiddleware(accepted, data, running);
      return isPromise(result) ? this.#answerLater(accepted, running, result) : this.#answerResult(accepted, result);
    } catch (thrown) {
      return this.#answerThrown(accepted, running, thrown);
    }
  }

  #throughMiddleware(accepted: AcceptedRequest, data: unknown, running: RunningRequest): Promise<unknown> {
    const { endpoint: { operation: { name: operation }, handler, queueGroup }, message } = accepted;
    const { subject: destination } = message;
    return runMiddleware<ServerCallContext>(
      this.#options.middleware,
      { kind: "request", action: "process", operation, destination, queueGroup, data, context: running },
      async (call) => await handler(call.data, running),
    );
  }

  #answerLater(accepted: AcceptedRequest, running: RunningRequest, result: PromiseLike<unknown>): PromiseLike<void> {
    return result.then(
      (value) => this.#answerResult(accepted, value),
      (thrown) => this.#answerThrown(accepted, running, thrown),
    );
  }

  async #answerThrown(accepted: AcceptedRequest, running: RunningRequest, thrown: unknown): Promise<void> {
    const { answers, clock } = this.#options;
    const { endedBecause } = running;
    if (isMessagingError(endedBecause)) answers.sendError(accepted, endedBecause);
    // A nested request inherits this deadline, and its timer may be the first to fire.
    const leftMs = running.expiresAt - clock.now();
    if (isMessagingError(thrown, "TIMEOUT") && leftMs < timerSpreadMs) running.expire();
    const { error, issues } = await declaredError(accepted.endpoint.operation, thrown) ?? {};
    if (error !== undefined) return answers.sendDeclared(accepted, error);
    if (accepted.answered) return;
    if (issues === undefined) return answers.sendFailure(accepted, "its handler failed", thrown);
    const { code } = thrown as MessagingError;
    answers.sendFailure(accepted, `its handler threw ${code} with data that does not fit the contract`, issues);
  }

  #answerResult(accepted: AcceptedRequest, result: unknown): ValueOrPromise<void> {
    // Nobody waits for it, here or later.
    if (accepted.answered && accepted.remembered === undefined) return;
    // A response schema that takes much would let it through as a success.
    if (isMessagingError(result)) return this.#answerReturned(accepted, result);
    const checked = accepted.endpoint.operation.response.validate(result);
    return isPromise(checked)
      ? this.#answerWhenChecked(accepted, result, checked)
      : this.#answerChecked(accepted, result, checked.issues);
  }

  #answerReturned(accepted: AcceptedRequest, error: MessagingError): void {
    this.#options.answers.sendFailure(accepted, `its handler returned ${error.code}: throw it`, error);
  }

  // Apart, because a function with a closure in it makes a context at every call.
  #answerWhenChecked(
    accepted: AcceptedRequest,
    result: unknown,
    checked: PromiseLike<StandardResult<unknown>>,
  ): PromiseLike<void> {
    return checked.then(({ issues }) => this.#answerChecked(accepted, result, issues));
  }

  #answerChecked(
    accepted: AcceptedRequest,
    result: unknown,
    issues: readonly StandardIssue[] | undefined,
  ): void {
    const { answers, contract } = this.#options;
    if (issues !== undefined) {
      return answers.sendUntellable(accepted, "does not fit the contract", validationIssues(issues));
    }
    let body: Uint8Array;
    try {
      body = this.#bodies.encode(result);
    } catch (error) {
      return answers.sendUntellable(accepted, "cannot be written as JSON", error);
    }
    // A result that looks like a stream's acknowledgement says whose it is; the stream's has no headers.
    const { name, version } = contract;
    const looksStored = acknowledgingStream(MessageHeaders.empty, result) !== undefined;
    const headers = looksStored
      ? MessageHeaders.fromTrusted([[headerNames.contract, `${name}@${version}`]])
      : MessageHeaders.empty;
    answers.send(accepted, body, headers);
  }
}
