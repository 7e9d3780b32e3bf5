import type { Contract } from "../contract/contract.ts";
import { encodeToken, isToken } from "../contract/token.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import {
  type BrokerPermissions,
  brokerPermissions,
  type CallerPermissionOptions,
  type DurablePermissionOptions,
  type GatewayPermissionOptions,
  mergePermissions,
  type ServicePermissionOptions,
} from "./broker-permissions.ts";
import { privateInboxPrefix } from "./inbox-prefix.ts";
import { checkIssuerAccount, checkSigningKeySeed, signUserJwt } from "./sign-user-jwt.ts";

/** What a user is to the contract, as `brokerPermissions` takes it; its inbox prefix may be left out. */
export type UserJwtDuty =
  | (Omit<CallerPermissionOptions, "inboxPrefix"> & { readonly inboxPrefix?: string })
  | (Omit<GatewayPermissionOptions, "inboxPrefix"> & { readonly inboxPrefix?: string })
  | ServicePermissionOptions
  | DurablePermissionOptions;

/**
 * Options of `createUserJwt` beside the user's duty.
 *
 * @example
 * ```ts
 * import type { UserJwtOptions } from "@magicbutton/messaging/security";
 *
 * export const optionsOf = (signingKeySeed: string): UserJwtOptions => ({
 *   name: "ann",
 *   signingKeySeed,
 *   expiresInMs: 3_600_000,
 * });
 * ```
 */
export interface UserJwtOptions {
  /** The user's name, shown in the broker's monitoring and filled in for `{{name()}}`, escaped as a subject token. */
  readonly name: string;
  /** The seed of the account's key or of one of its signing keys, `SA…`. */
  readonly signingKeySeed: string;
  /** The account's public key, `A…`; wanted where `signingKeySeed` is of a signing key. @default the seed's own */
  readonly issuerAccount?: string;
  /** How long it is good for, in milliseconds, rounded up to a second. Required, unless it never expires. */
  readonly expiresInMs?: number;
  /** The longest `expiresInMs` that is not a mistake, in milliseconds. @default 86400000, a day */
  readonly maximumLifetimeMs?: number;
  /** Makes a JWT that never expires: only the account's revocations end it. @default false */
  readonly dangerouslyNeverExpires?: boolean;
  /** The public key, `U…`, of a user that keeps its seed to itself. @default a new key, whose seed comes back */
  readonly publicKey?: string;
  /** The user's tags, filled in for `{{tag(key)}}`, escaped as subject tokens. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * The signing key is a scoped one: its own template says what its users may do, and the JWT says nothing of it
   * (ADR-14). @default false
   */
  readonly scoped?: boolean;
  /** More permissions, such as those of another contract. @default none */
  readonly also?: readonly BrokerPermissions[];
  /** Time. @default the runtime's */
  readonly clock?: Clock;
}

/** A user's credentials. */
export interface UserCredentials {
  /** What the broker is shown. */
  readonly jwt: string;
  /** The user's nkey seed: a secret. Absent where the user keeps its own. */
  readonly seed?: string;
  /** The text of a `.creds` file, for the `creds` of `NatsTransport`: a secret. Absent where the user keeps its seed. */
  readonly creds?: string;
  /** The user's public key. */
  readonly publicKey: string;
  /** The user's own start of reply subjects: the `inboxPrefix` of its `NatsTransport`. */
  readonly inboxPrefix: string;
  /** When the JWT ends, in milliseconds since 1970; absent where it never does. */
  readonly expiresAt?: number;
}

const dayMs = 86_400_000;

/**
 * Makes credentials for a NATS server in operator mode: a user that may do what its role may, for a while.
 *
 * @throws {TypeError} for a duty that is not in the contract, a lifetime that is missing or longer than allowed, and keys
 * that are not well-formed; its text never has a part of a seed
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createAccount } from "@nats-io/nkeys";
 * import { createContract, NatsTransport } from "@magicbutton/messaging";
 * import { createUserJwt } from "@magicbutton/messaging/security";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   roles: { clerk: {} },
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({}), access: ["clerk"] } },
 * });
 * const signingKeySeed = new TextDecoder().decode(createAccount().getSeed()); // yours lies in a secret store
 * const { creds, inboxPrefix } = await createUserJwt(orders, {
 *   name: "ann",
 *   role: "clerk",
 *   signingKeySeed,
 *   expiresInMs: 3_600_000,
 * });
 * new NatsTransport({ servers: "tls://nats.example.com", authentication: { creds: creds! }, inboxPrefix });
 * ```
 *
 * @see NATS ADR-14, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-14.md
 */
export async function createUserJwt(
  contract: Contract,
  options: UserJwtOptions & UserJwtDuty,
): Promise<UserCredentials> {
  const name = typeof options.name === "string" ? encodeToken(options.name) : undefined;
  if (name === undefined) throw new TypeError("Cannot use `name`: 1 to 128 characters, when escaped, are wanted");
  const inboxPrefix = options.inboxPrefix ?? ownInboxPrefix(contract, options);
  const permissions = mergePermissions([
    brokerPermissions(contract, { ...options, inboxPrefix }),
    ...options.also ?? [],
  ]);
  const signingKeySeed = checkSigningKeySeed(options.signingKeySeed);
  const issuerAccount = checkIssuerAccount(options.issuerAccount);
  if (options.scoped === true && issuerAccount === undefined) {
    throw new TypeError("Cannot make a scoped user JWT without `issuerAccount`: only signing keys are scoped");
  }
  const expiresAt = expiryOf(options);
  const { publicKey, seed } = await keysOf(options.publicKey);
  const jwt = await signUserJwt({
    name,
    publicKey,
    permissions: options.scoped === true ? undefined : permissions,
    expiresAt,
    tags: tagsOf(options.tags ?? {}),
  }, { signingKeySeed, issuerAccount });
  return {
    jwt,
    publicKey,
    inboxPrefix,
    ...(seed === undefined ? {} : { seed, creds: credsOf(jwt, seed) }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt * 1000 }),
  };
}

/** A service and a reader lie outside `_INBOX.`, so that no user's id can be the name of one. */
function ownInboxPrefix(contract: Contract, options: UserJwtOptions & UserJwtDuty): string {
  if ("service" in options) return `_INBOX_${contract.name}`;
  return "durable" in options ? `_INBOX_${options.durable}` : privateInboxPrefix(options.name);
}

function expiryOf(options: UserJwtOptions): number | undefined {
  const { expiresInMs, maximumLifetimeMs = dayMs, dangerouslyNeverExpires = false, clock = systemClock } = options;
  if (expiresInMs === undefined) {
    if (dangerouslyNeverExpires) return undefined;
    throw new TypeError("Cannot make a user JWT without `expiresInMs`: give it, or `dangerouslyNeverExpires: true`");
  }
  if (!(Number.isFinite(expiresInMs) && expiresInMs > 0 && expiresInMs <= maximumLifetimeMs)) {
    throw new TypeError(
      `Cannot use \`expiresInMs\`: more than 0 and at most \`maximumLifetimeMs\`, ${maximumLifetimeMs}, is wanted, current value is ${expiresInMs}`,
    );
  }
  return Math.ceil((clock.date() + expiresInMs) / 1000);
}

async function keysOf(publicKey: string | undefined): Promise<{ publicKey: string; seed?: string }> {
  if (publicKey !== undefined) {
    if (/^U[A-Z2-7]{55}$/.test(publicKey)) return { publicKey };
    throw new TypeError("Cannot use `publicKey`: the public key of a user, 56 characters from U on, is wanted");
  }
  const { createUser } = await import("@nats-io/jwt");
  const pair = createUser();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

function tagsOf(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).map(([key, value]) => {
    const token = typeof value === "string" ? encodeToken(value) : undefined;
    // The server looks for keys in small letters only.
    if (token !== undefined && isToken(key)) return `${key.toLowerCase()}:${token}`;
    throw new TypeError(`Cannot use the tag "${key.slice(0, 64)}": a key of token characters and a text are wanted`);
  });
}

/** The form every NATS client and tool reads. */
function credsOf(jwt: string, seed: string): string {
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------

*************************************************************
`;
}
