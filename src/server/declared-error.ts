import type { RequestOperation } from "../contract/contract.ts";
import { type ValidationIssue, validationIssues } from "../contract/validator.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";

/** An error that the contract names for a request: as its caller hears it, or why its data does not fit. */
export type DeclaredError =
  | { readonly error: MessagingError; readonly issues?: undefined }
  | { readonly error?: undefined; readonly issues: readonly ValidationIssue[] };

/**
 * What a handler threw, if the contract names it for the request. `undefined` for anything else, of which the caller
 * hears nothing.
 */
export async function declaredError(operation: RequestOperation, thrown: unknown): Promise<DeclaredError | undefined> {
  if (!isMessagingError(thrown)) return undefined;
  const definition = operation.errors.get(thrown.code);
  if (definition === undefined) return undefined;
  const checked = await definition.data?.validate(thrown.data);
  if (checked?.issues !== undefined) return { issues: validationIssues(checked.issues) };
  const { status, retryable } = definition;
  const error = new MessagingError(thrown.code, thrown.message, {
    data: definition.data === undefined ? undefined : thrown.data,
    status,
    retryable,
    retryAfterMs: thrown.retryAfterMs,
    operation: operation.name,
  });
  return { error };
}
