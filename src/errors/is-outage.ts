import type { MessagingError } from "./messaging-error.ts";

/** Whether an error is not about the call, but about something that is needed to decide about it and is away. */
export function isOutage({ code, cause }: MessagingError): boolean {
  return code === "BUSY" && cause !== undefined;
}
