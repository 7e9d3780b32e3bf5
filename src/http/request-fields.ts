import { headerNames, isReservedHeader } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { unsupported } from "./gateway-paths.ts";

/** What `fetch` sets itself or leaves out without a word (the Fetch standard's "forbidden request-header"). */
const fetchOwnField =
  /^(?:(?:proxy|sec)-.*|accept-(?:charset|encoding)|access-control-request-.*|connection|content-(?:encoding|length)|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via)$/i;

/**
 * A request's headers as HTTP fields.
 *
 * @throws {MessagingError} `UNSUPPORTED` for one that would not get through
 */
export function requestFields(
  headers: MessageHeaders = MessageHeaders.empty,
  timeoutMs: number,
  operation: string,
): Headers {
  const fields = new Headers();
  for (const [name, value] of headers) {
    if (name === headerNames.requestId) fields.set("Idempotency-Key", value);
    else if (isReservedHeader(name)) {
      // The deadline goes below, where it is known to the millisecond.
      if (name !== headerNames.timeout) {
        throw refuse(name, "does not pass a gateway, which reads every message", operation);
      }
    } else if (fetchOwnField.test(name)) throw refuse(name, "is HTTP's own", operation);
    else fields.append(name, value);
  }
  fields.set("Request-Timeout-Ms", String(Math.max(1, Math.floor(timeoutMs))));
  return fields;
}

function refuse(name: string, reason: string, operation: string): Error {
  return unsupported(`Request "${operation}" was not sent: its header "${name}" ${reason}`, operation);
}
