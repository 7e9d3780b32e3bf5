import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { ReplyInbox } from "../transport/reply-inbox.ts";
import type { BrokerError } from "./broker-error.ts";
import type { Publications } from "./publications.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Whom a refusal may concern. */
export interface BrokerRefusalsOptions {
  /** Requests, and where their answers arrive. */
  readonly inbox: ReplyInbox;
  /** What is listened to. */
  readonly subscriptions: Subscriptions;
  /** Events that are not confirmed yet. */
  readonly publications: Publications;
  /** Hears of what concerns nobody who waits. */
  readonly logger: Logger;
}

/** What the broker does not permit, told to whoever asked for it: the broker itself says it in passing and goes on. */
export class BrokerRefusals {
  readonly #options: BrokerRefusalsOptions;
  #noAnswers = false;

  /** Nothing is refused yet. */
  constructor(options: BrokerRefusalsOptions) {
    this.#options = options;
  }

  /** Why requests make no sense; `undefined` where they do. They would run and their answers not be heard. */
  requestRefusal(operation: string): MessagingError | undefined {
    return this.#noAnswers ? noAnswersError(operation) : undefined;
  }

  /** A new session may be permitted what the last was not. */
  reset(): void {
    this.#noAnswers = false;
  }

  /** Finds whom a refusal concerns. */
  handle(error: BrokerError): void {
    if (error.kind === "publish-denied") return this.#refusePublish(error.subject);
    const { inbox, subscriptions, logger } = this.#options;
    const subject = error.kind === "subscribe-denied" ? error.subject : undefined;
    if (subject === inbox.subject) {
      this.#noAnswers = true;
      inbox.pending.refuseAll(noAnswersError);
    }
    const text = `The broker does not let this connection subscribe: ${error.text}`;
    subscriptions.deny(subject, new MessagingError("FORBIDDEN", text));
    logger.error("The broker refused a subscription", { reason: error.text });
  }

  #refusePublish(subject: string): void {
    const { inbox, publications, logger } = this.#options;
    const waiting = publications.find(subject) ?? inbox.pending.find(subject);
    if (waiting === undefined) return logger.error("The broker refused a message that was sent", { subject });
    waiting.reject(new MessagingError("FORBIDDEN", `The broker does not let this connection publish to "${subject}"`));
  }
}

function noAnswersError(operation: string): MessagingError {
  return new MessagingError(
    "FORBIDDEN",
    `Request "${operation}" was not sent: the broker does not let this connection hear answers; give NatsTransport the inboxPrefix of its user`,
    { operation },
  );
}
