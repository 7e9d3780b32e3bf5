/**
 * Who may do what, proven: authenticators for servers and gateways, payload encryption, and the permissions, the
 * configuration, the credentials and the auth callout that make a NATS server enforce a contract's roles.
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
 *   users: [{ user: "ann", password: "dev-password", role: "clerk" }, { user: "svc", password: "dev-too", service: true }],
 * });
 * console.log(text);
 * ```
 *
 * @module
 */

export { createJwtAuthenticator, type JwtAuthenticatorOptions, type PublicJwk } from "./create-jwt-authenticator.ts";
export { createNkeyAuthenticator, type NkeyAuthenticatorOptions } from "./create-nkey-authenticator.ts";
export { createNkeySigner, type NkeySignerOptions } from "./create-nkey-signer.ts";
export { createPayloadEncryption, type PayloadEncryptionOptions } from "./create-payload-encryption.ts";
export type { KeyMaterial } from "./payload-keys.ts";

export {
  type BrokerPermissionOptions,
  type BrokerPermissions,
  brokerPermissions,
  type CallerPermissionOptions,
  type DurablePermissionOptions,
  type GatewayPermissionOptions,
  type PermissionScope,
  type ServicePermissionOptions,
} from "./broker-permissions.ts";
export type { DurableRights } from "./durable-permissions.ts";
export { privateInboxPrefix } from "./inbox-prefix.ts";
export type { SubjectParameters } from "./subject-parameters.ts";
export { natsServerConfig, type NatsServerConfigOptions } from "./nats-server-config.ts";
export type { NatsServerDuty, NatsServerIdentity, NatsServerUser } from "./nats-server-user.ts";
export { createUserJwt, type UserCredentials, type UserJwtDuty, type UserJwtOptions } from "./create-user-jwt.ts";
export { authCalloutPermissions } from "./auth-callout-permissions.ts";
export type { AuthCalloutOptions } from "./auth-callout-options.ts";
export { type AuthCallout, createAuthCallout } from "./create-auth-callout.ts";

export type { Actor, Authenticate, AuthenticatedCall, CallerCredentials, RequestSigner } from "../contract/actor.ts";
export type { PayloadEncryption } from "../message/payload-encryption.ts";
