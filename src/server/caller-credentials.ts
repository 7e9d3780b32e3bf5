import { bearerToken } from "../contract/access-check.ts";
import type { CallerCredentials } from "../contract/actor.ts";
import { headerNames } from "../message/header-names.ts";
import type { MessageHeaders } from "../message/message-headers.ts";

/** What a caller shows of itself in a message's headers. */
export function credentialsOf(headers: MessageHeaders): CallerCredentials {
  const token = bearerToken(headers.get(headerNames.authorization));
  const signature = headers.get(headerNames.signature);
  return { ...(token === undefined ? {} : { token }), ...(signature === undefined ? {} : { signature }) };
}
