import { MessagingError } from "../errors/messaging-error.ts";
import type { Actor, Authenticate, AuthenticatedCall, CallerCredentials, VerifiedActor } from "./actor.ts";
import type { Contract, EventOperation, RequestOperation } from "./contract.ts";
import { accessDecision } from "./roles.ts";
import { andThen, type ValueOrPromise } from "./value-or-promise.ts";

/** Nobody was asked who they are. */
const anonymous: Actor = Object.freeze({ id: "anonymous", roles: Object.freeze([]) });

/** A call whose caller is to be verified. */
export interface AccessCheck {
  /** The contract that names the roles. */
  readonly contract: Contract;
  /** What is to be used. */
  readonly operation: RequestOperation | EventOperation;
  /** What the caller shows of itself. */
  readonly credentials: CallerCredentials;
  /** The call, for a signature over it. */
  readonly call: Omit<AuthenticatedCall, "operation" | "explain">;
  /** Verifies credentials; absent where nobody can be verified. */
  readonly authenticate: Authenticate | undefined;
  /** Hears what is wrong with credentials: it is told nobody else. */
  readonly explain: (operation: string, reason: string) => void;
}

/**
 * Verifies who calls and whether they may: deny, then allow. Says no more than that. The server and the gateway in front
 * of it decide by this one function.
 *
 * @throws {MessagingError} `UNAUTHENTICATED` where nobody is shown, `FORBIDDEN` where it is the wrong one
 */
export function checkAccess(check: AccessCheck): ValueOrPromise<VerifiedActor> {
  const { contract, operation, credentials, authenticate, call, explain: tell } = check;
  const shown = credentials.token !== undefined || credentials.signature !== undefined;
  if (operation.access === "public" && (!shown || authenticate === undefined)) return anonymousActor(contract);
  const explain = (reason: string): void => tell(operation.name, reason);
  return andThen(authenticate?.(credentials, { operation: operation.name, ...call, explain }), (actor) => {
    if (actor === undefined) {
      const text = shown
        ? "was not taken: the caller's credentials are not believed"
        : "wants a caller that can be verified";
      throw new MessagingError("UNAUTHENTICATED", `${labelOf(operation)} ${text}`, { operation: operation.name });
    }
    if (!accessDecision(contract.roles, operation.access, actor.roles)) throw forbidden(operation);
    return verified(contract, actor);
  });
}

/** Who a caller is where nobody is asked: what is open to everyone may be used without a check for each call. */
export function anonymousActor(contract: Contract): VerifiedActor {
  return verified(contract, anonymous);
}

/** The caller is known and may not. */
export function forbidden(operation: RequestOperation | EventOperation): MessagingError {
  const text = `The caller may not use ${operation.kind} "${operation.name}"`;
  return new MessagingError("FORBIDDEN", text, { operation: operation.name });
}

/** Whether some operation of a contract is not for everyone. */
export function needsAuthentication(contract: Contract): boolean {
  const operations = [...contract.requests.values(), ...contract.events.values()];
  return operations.some((operation) => operation.access !== "public");
}

/** The token of an `Authorization: Bearer …` header (RFC 6750); `undefined` where there is none. */
export function bearerToken(authorization: string | null | undefined): string | undefined {
  return /^bearer ([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
}

function labelOf({ kind, name }: RequestOperation | EventOperation): string {
  return `${kind === "request" ? "Request" : "Event"} "${name}"`;
}

function verified(contract: Contract, actor: Actor): VerifiedActor {
  const can = (operation: string): boolean => {
    if (!operation.startsWith(`${contract.name}.`)) return false;
    const name = operation.slice(contract.name.length + 1);
    const access = (contract.requests.get(name) ?? contract.events.get(name))?.access;
    return access !== undefined && accessDecision(contract.roles, access, actor.roles);
  };
  return { ...actor, can };
}
