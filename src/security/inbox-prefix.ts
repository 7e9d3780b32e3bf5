import { encodeToken } from "../contract/token.ts";
import { isPermissionTemplate } from "./subject-parameters.ts";

const inboxToken = /^[A-Za-z0-9_=-]+$/;
const maximumPrefixLength = 200;

/**
 * The inbox prefix that `createAuthCallout` gives a user by default, for its `NatsTransport`: `_INBOX.ann`. Every user
 * has another one, whatever its id; all of them lie under `_INBOX.`, where services may answer.
 *
 * @throws {TypeError} where the id cannot be a subject token: empty, or longer than 128 characters when escaped
 *
 * @example
 * ```ts
 * import { NatsTransport } from "@magicbutton/messaging";
 * import { privateInboxPrefix } from "@magicbutton/messaging/security";
 *
 * new NatsTransport({ servers: "wss://nats.example.com", inboxPrefix: privateInboxPrefix("ann@example.com") });
 * ```
 */
export function privateInboxPrefix(userId: string): string {
  const token = encodeToken(userId);
  if (token === undefined) throw new TypeError("Cannot make an inbox prefix of a user's id that is no subject token");
  return `_INBOX.${token}`;
}

/** Refuses what cannot stand in front of a reply subject. @throws {TypeError} */
export function checkInboxPrefix(prefix: string): string {
  const tokens = typeof prefix === "string" ? prefix.split(".") : [];
  const sound = tokens.every((token) => inboxToken.test(token) || isPermissionTemplate(token));
  if (!tokens[0]?.startsWith("_INBOX") || !sound || prefix.length > maximumPrefixLength) {
    throw new TypeError(
      'Cannot use an inbox prefix: subject tokens that start with "_INBOX" are wanted, such as "_INBOX_ann"',
    );
  }
  return prefix;
}

/** Refuses a prefix that everyone's reply subjects may start with. @throws {TypeError} */
export function checkPrivateInboxPrefix(prefix: string): string {
  if (checkInboxPrefix(prefix) === "_INBOX") {
    throw new TypeError(
      'Cannot use the inbox prefix "_INBOX": who may listen there reads the answers to others; give one of the user\'s own, such as "_INBOX_ann"',
    );
  }
  return prefix;
}
