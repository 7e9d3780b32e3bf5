import { isPromise } from "../contract/value-or-promise.ts";
import { isLibraryCode } from "../errors/error-codes.ts";
import { isOutage } from "../errors/is-outage.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { isReplySubject } from "../transport/subject-rules.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import type { AcceptedRequest, Endpoint } from "./accepted-request.ts";
import { RememberedRequests, type RememberedRequestsOptions } from "./remembered-requests.ts";
import { RequestAnswers } from "./request-answers.ts";
import { RequestRunner, type RequestRunnerOptions } from "./request-runner.ts";
import { RunningRequests } from "./running-requests.ts";

const leastRetryAfterMs = 50;
const longestRetryAfterMs = 5_000;

/** What a request service is made of. */
export interface RequestServiceOptions extends Omit<RequestRunnerOptions, "answers" | "remembered" | "onRepeat"> {
  /** How many handlers run at once. */
  readonly concurrency: number;
  /** How many requests wait. */
  readonly queueLimit: number;
  /** How many bytes of requests wait. */
  readonly queueBytes: number;
  /** What is remembered of requests that carry an id. */
  readonly deduplication: Omit<RememberedRequestsOptions, "clock">;
  /** Hears what callers are not told. */
  readonly logger: Logger;
}

/** Serves requests: every one that came with a reply subject gets exactly one answer. */
export class RequestService {
  readonly #options: RequestServiceOptions;
  readonly #queue: TaskQueue<AcceptedRequest>;
  readonly #running: RunningRequests;
  readonly #answers: RequestAnswers;
  readonly #runner: RequestRunner;
  readonly #accepted = new Set<AcceptedRequest>();
  readonly #repeats = new Set<Promise<void>>();

  /** Nothing is served yet. */
  constructor(options: RequestServiceOptions) {
    this.#options = options;
    this.#running = new RunningRequests(options.clock);
    this.#answers = new RequestAnswers(options);
    const remembered = new RememberedRequests({ ...options.deduplication, clock: options.clock });
    this.#runner = new RequestRunner({
      ...options,
      answers: this.#answers,
      remembered,
      onRepeat: (accepted, answered) => {
        accepted.isRepeat = true;
        const ended = this.#follow(accepted, answered).finally(() => {
          this.#leave(accepted);
          this.#repeats.delete(ended);
        });
        this.#repeats.add(ended);
      },
    });
    this.#queue = new TaskQueue({
      concurrency: options.concurrency,
      queueLimit: options.queueLimit,
      queueBytes: options.queueBytes,
      bytesOf: ({ message }) => message.body.length,
      run: (accepted) => this.#run(accepted),
    });
  }

  /** Takes a request's message. */
  receive(endpoint: Endpoint, message: TransportMessage, connection: TransportConnection): void {
    const { logger, clock, concurrency } = this.#options;
    const { replySubject } = message;
    if (replySubject === undefined || !isReplySubject(replySubject)) {
      // Whoever asks without an inbox cannot be told; to answer anywhere else would publish in the caller's place.
      logger.warn("A request was not served: its reply subject is no inbox", { operation: endpoint.operation.name });
      endpoint.statistics.count(0, "no inbox to answer to");
      return;
    }
    const waits = this.#queue.size >= concurrency;
    const accepted: AcceptedRequest = {
      endpoint,
      // What waits must not hold on to the socket's memory.
      message: waits ? { ...message, body: message.body.slice() } : message,
      replySubject,
      connection,
      arrivedAt: clock.now(),
      answered: false,
      running: undefined,
      remembered: undefined,
      isRepeat: false,
    };
    if (!this.#queue.hasRoom) {
      return this.#answers.sendError(
        accepted,
        busy(endpoint.operation.name, "too many requests wait for a handler already", this.#retryAfterMs()),
      );
    }
    this.#queue.add(accepted);
  }

  /** A caller no longer waits for the request whose reply subject ends with this token. */
  cancel(replyToken: string): void {
    this.#running.cancel(replyToken);
  }

  /** The broker does not let requests through to here, and is asked again. */
  refused({ operation, statistics }: Endpoint, error: MessagingError): void {
    statistics.countError("the broker refused the subscription");
    this.#options.logger.error("The broker does not let this server serve", { operation: operation.name, error });
  }

  /** The broker did not let an answer through. */
  answerRefused(replySubject: string, error: MessagingError): void {
    this.#answers.refused(replySubject, error);
  }

  /** Waits until all that was taken is answered; after the grace the rest is answered with what is true of it. */
  async finish(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    let timer: { cancel(): void } | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = clock.after(graceMs, resolve);
    });
    await Promise.race([this.#queue.idle().then(() => Promise.all(this.#repeats)), patience]);
    timer?.cancel();
    for (const waiting of this.#queue.clear()) {
      const stopping = busy(waiting.endpoint.operation.name, "the server stops", leastRetryAfterMs);
      this.#answers.sendError(waiting, stopping);
    }
    for (const accepted of [...this.#accepted]) {
      const { name } = accepted.endpoint.operation;
      const stopped = new MessagingError("CANCELLED", `The server stopped before request "${name}" was done`, {
        operation: name,
      });
      accepted.running?.abort(stopped);
      this.#answers.sendError(accepted, stopped);
    }
    this.#accepted.clear();
    await this.#answers.sent();
  }

  /** About as long as the one that waits longest has waited: a request that comes now would wait as long. */
  #retryAfterMs(): number {
    const { oldest } = this.#queue;
    const waitedMs = oldest === undefined ? 0 : this.#options.clock.now() - oldest.arrivedAt;
    return Math.round(Math.min(longestRetryAfterMs, Math.max(leastRetryAfterMs, waitedMs)));
  }

  #run(accepted: AcceptedRequest): void | Promise<void> {
    try {
      const answered = this.#runner.run(accepted);
      if (isPromise(answered)) return this.#runLater(accepted, answered);
    } catch (error) {
      this.#answerFailure(accepted, error);
    }
  }

  async #runLater(accepted: AcceptedRequest, answered: PromiseLike<void>): Promise<void> {
    try {
      await this.#follow(accepted, answered);
    } finally {
      if (!accepted.isRepeat) this.#leave(accepted);
    }
  }

  /** It takes turns: it can be late, cancelled, or left over when the server stops. */
  #follow(accepted: AcceptedRequest, answered: PromiseLike<void>): Promise<void> {
    this.#accepted.add(accepted);
    if (accepted.running !== undefined) this.#running.add(accepted.running);
    return Promise.resolve(answered).catch((error: unknown) => this.#answerFailure(accepted, error));
  }

  #leave(accepted: AcceptedRequest): void {
    this.#accepted.delete(accepted);
    if (accepted.running !== undefined) this.#running.remove(accepted.running);
  }

  #answerFailure(accepted: AcceptedRequest, error: unknown): void {
    // A program's own function may throw an error of any code; callers know those of the library.
    if (isMessagingError(error) && isLibraryCode(error.code)) {
      const { name: operation } = accepted.endpoint.operation;
      if (isOutage(error)) this.#options.logger.warn("A caller could not be verified", { operation, error });
      return this.#answers.sendError(accepted, error);
    }
    this.#answers.sendFailure(accepted, "it failed before its handler", error, "not-executed");
  }
}

function busy(operation: string, reason: string, retryAfterMs: number): MessagingError {
  return new MessagingError("BUSY", `Request "${operation}" was not taken: ${reason}`, {
    operation,
    retryAfterMs,
  });
}
