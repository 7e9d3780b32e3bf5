import type { RequestOperation } from "../contract/contract.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";

/**
 * What a handler threw, if the contract names it for the request and its data fits: the caller hears it as it is.
 * `undefined` for anything else, of which the caller hears nothing.
 */
export async function declaredError(operation: RequestOperation, thrown: unknown): Promise<MessagingError | undefined> {
  if (!isMessagingError(thrown)) return undefined;
  const definition = operation.errors.get(thrown.code);
  if (definition === undefined) return undefined;
  const checked = await definition.data?.validate(thrown.data);
  if (checked?.issues !== undefined) return undefined;
  const { status, retryable } = definition;
  return new MessagingError(thrown.code, thrown.message, {
    data: definition.data === undefined ? undefined : thrown.data,
    status,
    retryable,
    retryAfterMs: thrown.retryAfterMs,
    operation: operation.name,
  });
}
