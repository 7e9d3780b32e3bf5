/** Who a request comes from: verified, never what the caller claims. */
export interface Actor {
  /** The identity, such as a token's subject; `"anonymous"` where nobody was asked. */
  readonly id: string;
  /** Roles of the contract that it holds. */
  readonly roles: readonly string[];
  /** What else is known of it. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** When its credentials end, in milliseconds since 1970; a stream that it opened ends then. @default the `exp` of its claims */
  readonly expiresAt?: number;
}

/** An actor as a handler sees it. */
export interface VerifiedActor extends Actor {
  /**
   * Whether it may use an operation, named as `contract.operation`; false for one that is not in the contract.
   * Never throws.
   */
  can(operation: string): boolean;
}

/** What a caller shows of itself. */
export interface CallerCredentials {
  /** The bearer token, where one came. */
  readonly token?: string;
  /** The signature of this very call, where one came. */
  readonly signature?: string;
}

/** The call that credentials came with: what a signature is over. */
export interface AuthenticatedCall {
  /** The request's or event's name in the contract. */
  readonly operation: string;
  /** Where it was sent, or what is listened to. */
  readonly subject: string;
  /** The request's id; empty for an event. */
  readonly requestId: string;
  /** The body as it travelled; empty for an event, and at a gateway, which verifies before it reads. */
  readonly body: Uint8Array;
  /** Writes down what is wrong with the credentials, at level `debug`; callers are not told. Give it no part of them. */
  readonly explain?: ((reason: string) => void) | undefined;
}

/**
 * Turns credentials into an actor, or refuses them with `undefined`. What it throws is no refusal but a failure.
 *
 * @example
 * ```ts
 * import type { Authenticate } from "@magicbutton/messaging";
 *
 * const authenticate: Authenticate = ({ token }) =>
 *   token === "ann's token" ? { id: "ann", roles: ["clerk"] } : undefined;
 * ```
 */
export type Authenticate = (
  credentials: CallerCredentials,
  call: AuthenticatedCall,
) => Actor | undefined | Promise<Actor | undefined>;

/** Signs calls, so that services know each other without an identity provider; `createNkeySigner` makes one. */
export interface RequestSigner {
  /**
   * The signature of one call.
   *
   * @throws where it cannot sign; the request then rejects with that
   */
  sign(call: Omit<AuthenticatedCall, "operation" | "explain">): string | Promise<string>;
}
