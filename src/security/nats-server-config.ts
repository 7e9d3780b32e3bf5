import type { Contract } from "../contract/contract.ts";
import { quoteConfigString } from "./config-string.ts";
import { type NatsServerUser, shown, userInboxPrefix, userName, userPermissions } from "./nats-server-user.ts";

/**
 * Options of `natsServerConfig`.
 *
 * @example
 * ```ts
 * import type { NatsServerConfigOptions } from "@magicbutton/messaging/security";
 *
 * const options: NatsServerConfigOptions = {
 *   users: [{ nkey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", service: true }],
 * };
 * ```
 */
export interface NatsServerConfigOptions {
  /** Everyone the server knows. */
  readonly users: readonly NatsServerUser[];
  /** Lets the service of `createAuthCallout` decide about everyone else. @default nobody else may connect */
  readonly authCallout?: {
    /** The public account key, `A…`, of the service's `signingKeySeed`. */
    readonly issuer: string;
    /** The public curve key, `X…`, of the service's `xkeySeed`. @default questions and answers are not encrypted */
    readonly xkey?: string;
    /** The account in which the service listens. @default "$G", the one of users without an account */
    readonly account?: string;
  };
}

/**
 * The text of an `authorization { … }` block for a nats-server's configuration file: each user with the permissions that
 * the contracts give it. A service may answer to the inbox prefix of every user here and to those under `_INBOX.`.
 *
 * @throws {TypeError} for a user without a name, a password or a duty, one that is there twice, or names that do not
 * stand in the contracts; never with a password in its text
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { natsServerConfig } from "@magicbutton/messaging/security";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   roles: { clerk: {} },
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({}), access: ["clerk"] } },
 * });
 * const text = natsServerConfig(orders, {
 *   users: [
 *     { user: "ann", password: "$2a$11$W2zko4z4nZC5z6o7FPNbO.4qGOsQWiPCqQ3O0kJLKLQP5WtHLx4KW", role: "clerk" },
 *     { nkey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", service: true },
 *   ],
 * });
 * console.log(text);
 * ```
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration/securing_nats/authorization
 */
export function natsServerConfig(contracts: Contract | readonly Contract[], options: NatsServerConfigOptions): string {
  const all = "requests" in contracts ? [contracts] : [...contracts];
  if (options.users.length === 0) throw new TypeError("Cannot make a server's configuration: `users` is empty");
  const users = options.users.map((user) => {
    const name = userName(user);
    return { user, name, inboxPrefix: userInboxPrefix(user, name) };
  });
  refuseSharedNames(users);
  const callerInboxPrefixes = ["_INBOX", ...users.map(({ inboxPrefix }) => inboxPrefix)];
  const blocks = users.map(({ user, ...known }) => {
    const granted = userPermissions(all, user, { ...known, callerInboxPrefixes });
    return [
      "    {",
      ...identityLines(user).map((line) => `      ${line}`),
      "      permissions: {",
      `        publish: { allow: ${list(granted.publish.allow)} }`,
      `        subscribe: { allow: ${list(granted.subscribe.allow)} }`,
      "      }",
      "    }",
    ].join("\n");
  });
  const lines = [
    "authorization {",
    "  users = [",
    ...blocks,
    "  ]",
    ...calloutLines(options.authCallout, users.map(({ name }) => name)),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** One name is one user; and who may listen under another's inbox prefix reads the answers to it. */
function refuseSharedNames(users: readonly { readonly name: string; readonly inboxPrefix: string }[]): void {
  for (const [index, { name, inboxPrefix }] of users.entries()) {
    for (const other of users.slice(0, index)) {
      if (other.name === name) throw new TypeError(`User "${shown(name)}" is there twice`);
      if (
        `${inboxPrefix}.`.startsWith(`${other.inboxPrefix}.`) || `${other.inboxPrefix}.`.startsWith(`${inboxPrefix}.`)
      ) {
        throw new TypeError(`Users "${shown(other.name)}" and "${shown(name)}" would read the answers to each other`);
      }
    }
  }
}

function identityLines(user: NatsServerUser): string[] {
  if ("nkey" in user) return [`nkey: ${quoteConfigString(user.nkey)}`];
  return [`user: ${quoteConfigString(user.user)}`, `password: ${quoteConfigString(user.password)}`];
}

function calloutLines(callout: NatsServerConfigOptions["authCallout"], names: readonly string[]): string[] {
  if (callout === undefined) return [];
  const { issuer, xkey, account } = callout;
  if (!/^A[A-Z2-7]{55}$/.test(issuer)) {
    throw new TypeError(
      "Cannot use `authCallout.issuer`: the public key of an account, 56 characters from A on, is wanted",
    );
  }
  if (xkey !== undefined && !/^X[A-Z2-7]{55}$/.test(xkey)) {
    throw new TypeError("Cannot use `authCallout.xkey`: a public curve key, 56 characters from X on, is wanted");
  }
  return [
    "  auth_callout {",
    `    issuer: ${quoteConfigString(issuer)}`,
    // They are the server's own: whoever is not listed is asked about.
    `    auth_users: ${list(names)}`,
    ...(account === undefined ? [] : [`    account: ${quoteConfigString(account)}`]),
    ...(xkey === undefined ? [] : [`    xkey: ${quoteConfigString(xkey)}`]),
    "  }",
  ];
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quoteConfigString).join(", ")}]`;
}
