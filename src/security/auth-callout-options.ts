import type { Actor, Authenticate } from "../contract/actor.ts";
import type { Contract } from "../contract/contract.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../transport/clock.ts";
import type { Transport } from "../transport/transport.ts";
import type { BrokerPermissions } from "./broker-permissions.ts";
import type { SubjectParameters } from "./subject-parameters.ts";

/**
 * Options of `createAuthCallout`.
 *
 * @example
 * ```ts
 * import type { Authenticate, Contract, Transport } from "@magicbutton/messaging";
 * import type { AuthCalloutOptions } from "@magicbutton/messaging/security";
 *
 * export const optionsOf = (
 *   contract: Contract,
 *   transport: Transport,
 *   authenticate: Authenticate,
 *   signingKeySeed: string,
 * ): AuthCalloutOptions => ({ contracts: [contract], transport, authenticate, signingKeySeed, sessionMs: 900_000 });
 * ```
 */
export interface AuthCalloutOptions {
  /** The contracts that say who may do what. */
  readonly contracts: readonly Contract[];
  /** The service's own connection: of a user in the server's `auth_users`, with `authCalloutPermissions`. */
  readonly transport: Transport;
  /**
   * Verifies a client's token, or its password where it shows no token: the same function that servers take, such as one
   * of `createJwtAuthenticator`. A number in `claims.exp` is when the connection ends at the latest, as in a JWT.
   */
  readonly authenticate: Authenticate;
  /** The seed of the issuer's key or of one of its signing keys, `SA…`. */
  readonly signingKeySeed: string;
  /** The account's public key, `A…`, where `signingKeySeed` is of a signing key (operator mode only). @default the seed's own */
  readonly issuerAccount?: string;
  /** The account users are put into, by name, where the server has a configuration file. @default "$G" */
  readonly account?: string;
  /** The seed of the curve key, `SX…`, whose public key is the `xkey` of the server. @default nothing is encrypted */
  readonly xkeySeed?: string;
  /** How long a connection may last until its user is asked about anew, in milliseconds. @default 3600000, an hour */
  readonly sessionMs?: number;
  /** The start of a user's reply subjects: one that no other has. @default `privateInboxPrefix` of the actor's id */
  readonly inboxPrefix?: (actor: Actor) => string;
  /** Subject parameters of events that are fixed for a user, such as its tenant. @default any value */
  readonly params?: (actor: Actor) => SubjectParameters;
  /** More permissions of a user, such as a service's. @default none */
  readonly also?: (actor: Actor, inboxPrefix: string) => readonly BrokerPermissions[];
  /** The deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
  /** How many connections may be decided about at once; the server refuses others in time. @default 256 */
  readonly concurrency?: number;
  /** How long `authenticate` may take, in milliseconds: less than the server's own patience, 2 s. @default 1500 */
  readonly timeoutMs?: number;
  /** Hears who is refused, and why. @default silent */
  readonly logger?: Logger;
  /** Time. @default the runtime's */
  readonly clock?: Clock;
}
