import type { Contract } from "../contract/contract.ts";
import { MessagingError } from "../errors/messaging-error.ts";

/** The error of a name that a contract does not have. */
export function unknownOperation(
  code: "INVALID_REQUEST" | "INVALID_EVENT",
  kind: string,
  contract: Contract,
  name: string,
): MessagingError {
  const shown = String(name).slice(0, 128);
  return new MessagingError(code, `Contract "${contract.name}" has no ${kind} "${shown}"`, { operation: shown });
}
