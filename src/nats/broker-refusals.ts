import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { ReplyInbox } from "../transport/reply-inbox.ts";
import type { BrokerError } from "./broker-error.ts";
import type { Publications } from "./publications.ts";
import type { SubscribedSession } from "./subscribed-session.ts";
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
  /** A message that nobody waits for was refused: an answer or a cancel. Never throws. */
  readonly onRefusedSend: (subject: string, error: MessagingError) => void;
}

/** What the broker does not permit, told to whoever asked for it: the broker itself says it in passing and goes on. */
export class BrokerRefusals {
  readonly #options: BrokerRefusalsOptions;

  /** Nothing is refused yet. */
  constructor(options: BrokerRefusalsOptions) {
    this.#options = options;
  }

  /** Finds whom a refusal concerns. */
  handle(error: BrokerError, session: SubscribedSession): void {
    if (error.kind === "publish-denied") return this.#refusePublish(error.subject);
    const { subscriptions, logger } = this.#options;
    const text = `The broker does not let this connection subscribe: ${error.text}`;
    const wasRefused = subscriptions.someRefused;
    session.forget(subscriptions.refuse(error, new MessagingError("FORBIDDEN", text)));
    // Refused subscriptions are tried again and again, and refused in the same words.
    if (wasRefused) logger.debug("The broker refused a subscription again", { reason: error.text });
    else logger.error("The broker refused a subscription", { reason: error.text });
  }

  #refusePublish(subject: string): void {
    const { inbox, publications, logger, onRefusedSend } = this.#options;
    const error = new MessagingError(
      "FORBIDDEN",
      `The broker does not let this connection publish to "${subject}"`,
    );
    const waiting = publications.find(subject) ?? inbox.pending.find(subject) ?? inbox.awaited(subject);
    if (waiting !== undefined) return waiting.reject(error);
    logger.error("The broker refused a message that was sent", { subject });
    onRefusedSend(subject, error);
  }
}
