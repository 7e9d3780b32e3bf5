import type { Actor, Authenticate } from "../contract/actor.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { systemClock } from "../transport/clock.ts";

/** Knows the callers of a test by tokens that it gave them. */
export interface TestAuthenticator {
  /** For a server or a gateway: knows the tokens that came from here, and no others. */
  readonly authenticate: Authenticate;
  /**
   * A token for a caller: `["clerk"]` is somebody with this role, an actor is itself. The same again for the same
   * one. Never throws.
   */
  tokenFor(caller: TestCaller): string;
}

/** Who calls in a test: the roles that it holds, or all that is known of it. */
export type TestCaller = readonly string[] | Actor;

/**
 * Makes an authenticator for tests: tokens stand for whomever a test says, and are known to this one object
 * alone. Never throws.
 *
 * @example
 * ```ts
 * import { createTestAuthenticator } from "@magicbutton/messaging/testing";
 *
 * const { authenticate, tokenFor } = createTestAuthenticator();
 * const token = tokenFor({ id: "ann", roles: ["clerk"] });
 * console.log(typeof authenticate, token.length);
 * ```
 */
export function createTestAuthenticator(): TestAuthenticator {
  const identifiers = createIdentifierSource(systemClock);
  const actors = new Map<string, Actor>();
  const tokens = new Map<string, string>();
  return {
    authenticate: ({ token }) => token === undefined ? undefined : actors.get(token),
    tokenFor: (caller) => {
      const actor = isRoles(caller) ? { id: caller.join("+") || "nobody", roles: [...caller] } : caller;
      const key = JSON.stringify(actor);
      const token = tokens.get(key) ?? `test-${identifiers.next(unguessableLength)}`;
      tokens.set(key, token);
      actors.set(token, actor);
      return token;
    },
  };
}

function isRoles(caller: TestCaller): caller is readonly string[] {
  return Array.isArray(caller);
}
