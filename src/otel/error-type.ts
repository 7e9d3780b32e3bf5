import { isMessagingError } from "../errors/messaging-error.ts";
import { otherError } from "./semantic-conventions.ts";

/**
 * What an error is called in telemetry: a messaging error by its code, another one by its class. Never by its message, nor
 * by its own `name`: a program may write data into either.
 */
export function errorType(thrown: unknown): string {
  if (isMessagingError(thrown)) return thrown.code;
  return thrown instanceof Error && thrown.constructor.name !== "" ? thrown.constructor.name : otherError;
}
