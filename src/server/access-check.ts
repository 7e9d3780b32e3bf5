import type { Contract, RequestOperation } from "../contract/contract.ts";
import { accessDecision } from "../contract/roles.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { headerNames } from "../message/header-names.ts";
import type { RunningRequest } from "./running-request.ts";
import { anonymous } from "./running-request.ts";
import type { Actor, Authenticate } from "./server-options.ts";

/**
 * Verifies who calls and whether they may: deny, then allow. Says no more than that.
 *
 * @throws {MessagingError} `UNAUTHENTICATED` where nobody is shown, `FORBIDDEN` where it is the wrong one
 */
export async function checkAccess(
  contract: Contract,
  operation: RequestOperation,
  running: RunningRequest,
  authenticate: Authenticate | undefined,
): Promise<Actor> {
  const token = bearerToken(running.headers.get(headerNames.authorization));
  if (operation.access === "public" && (token === undefined || authenticate === undefined)) return anonymous;
  const { requestId, subject, headers } = running;
  const actor = await authenticate?.(token === undefined ? {} : { token }, {
    operation: operation.name,
    subject,
    requestId,
    headers,
  });
  if (actor === undefined) {
    throw new MessagingError("UNAUTHENTICATED", `Request "${operation.name}" wants a caller that can be verified`, {
      operation: operation.name,
    });
  }
  if (!accessDecision(contract.roles, operation.access, actor.roles)) {
    throw new MessagingError("FORBIDDEN", `The caller may not use request "${operation.name}"`, {
      operation: operation.name,
    });
  }
  return actor;
}

function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
}

/** Whether some operation of a contract is not for everyone. */
export function needsAuthentication(contract: Contract): boolean {
  const operations = [...contract.requests.values(), ...contract.events.values()];
  return operations.some((operation) => operation.access !== "public");
}
