import type { BrokerPermissions } from "./broker-permissions.ts";
import { checkPrivateInboxPrefix } from "./inbox-prefix.ts";

/** Where a server asks who connects (ADR-26). */
export const authCalloutSubject = "$SYS.REQ.USER.AUTH";
/** The instances of an auth callout service share the questions. */
export const authCalloutQueueGroup = "auth-callout";
/** Where a server waits for the answers: its own inbox, one token of its hash and one of the question. */
const serverInbox = "$SYS._INBOX.*.*";

/**
 * What a NATS server must let the service of `createAuthCallout` do, and no more.
 *
 * @throws {TypeError} for an inbox prefix that cannot stand in a subject, or that everyone has
 *
 * @example
 * ```ts
 * import { authCalloutPermissions } from "@magicbutton/messaging/security";
 *
 * console.log(authCalloutPermissions({ inboxPrefix: "_INBOX_callout" }).subscribe.allow);
 * ```
 */
export function authCalloutPermissions(options: {
  /** The service's own start of reply subjects, the same that its `NatsTransport` is given. */
  readonly inboxPrefix: string;
}): BrokerPermissions {
  return {
    publish: { allow: [serverInbox] },
    subscribe: {
      allow: [`${authCalloutSubject} ${authCalloutQueueGroup}`, `${checkPrivateInboxPrefix(options.inboxPrefix)}.>`],
    },
  };
}
