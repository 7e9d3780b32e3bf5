import type { Actor, Authenticate } from "../contract/actor.ts";
import type { Contract, RequestOperation } from "../contract/contract.ts";
import { accessDecision } from "../contract/roles.ts";
import { andThen, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { headerNames } from "../message/header-names.ts";
import type { RunningRequest } from "./running-request.ts";
import type { VerifiedActor } from "./server-options.ts";

/** Nobody was asked who they are. */
const anonymous: Actor = Object.freeze({ id: "anonymous", roles: Object.freeze([]) });

/**
 * Verifies who calls and whether they may: deny, then allow. Says no more than that.
 *
 * @throws {MessagingError} `UNAUTHENTICATED` where nobody is shown, `FORBIDDEN` where it is the wrong one
 */
export function checkAccess(
  contract: Contract,
  operation: RequestOperation,
  running: RunningRequest,
  body: Uint8Array,
  authenticate: Authenticate | undefined,
): ValueOrPromise<VerifiedActor> {
  const { requestId, subject, headers } = running;
  const token = bearerToken(headers.get(headerNames.authorization));
  const signature = headers.get(headerNames.signature);
  const shown = token !== undefined || signature !== undefined;
  if (operation.access === "public" && (!shown || authenticate === undefined)) return verified(contract, anonymous);
  const credentials = {
    ...(token === undefined ? {} : { token }),
    ...(signature === undefined ? {} : { signature }),
  };
  const call = { operation: operation.name, subject, requestId, body };
  return andThen(authenticate?.(credentials, call), (actor) => {
    if (actor === undefined) {
      throw new MessagingError("UNAUTHENTICATED", `Request "${operation.name}" wants a caller that can be verified`, {
        operation: operation.name,
      });
    }
    if (!accessDecision(contract.roles, operation.access, actor.roles)) throw forbidden(operation);
    return verified(contract, actor);
  });
}

/** The caller is known and may not. */
export function forbidden(operation: RequestOperation): MessagingError {
  return new MessagingError("FORBIDDEN", `The caller may not use request "${operation.name}"`, {
    operation: operation.name,
  });
}

/** Whether some operation of a contract is not for everyone. */
export function needsAuthentication(contract: Contract): boolean {
  const operations = [...contract.requests.values(), ...contract.events.values()];
  return operations.some((operation) => operation.access !== "public");
}

function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
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
