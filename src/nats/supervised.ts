import type { MessagingError } from "../errors/messaging-error.ts";
import type { BrokerError } from "./broker-error.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { Session } from "./session.ts";
import type { SubscribedSession } from "./subscribed-session.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What a supervisor tells. */
export interface SupervisorEvents {
  /** A message came in. Never throws. */
  onMessage(message: IncomingMessage): void;
  /** The broker refused one thing, and goes on. Never throws. */
  onRefusal(error: BrokerError, session: SubscribedSession): void;
  /** There is a session to send over. Never throws. */
  onSession(session: Session): void;
  /** There is none any more, until the next comes. Never throws. */
  onLost(error: MessagingError): void;
}

/** What a supervisor looks after, beside the sessions. */
export interface Supervised {
  /** What is listened to. */
  readonly subscriptions: Subscriptions;
  /** The number of the subscription that answers come by. */
  readonly answersId: number;
  /** Tells, now and later, whether all that waits now for an answer has it. */
  readonly watchAnswers: () => () => boolean;
  /** Who listens. */
  readonly events: SupervisorEvents;
}
