import { isLibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { TransportMessage } from "../transport/transport.ts";
import { type AnsweredCall, hasMediaType, refusalOf } from "./refusal.ts";

const jsonType = "application/json";

/** A request that was answered. */
export interface AnsweredRequest extends AnsweredCall {
  /** Where it was sent. */
  readonly subject: string;
  /** The most bytes of an answer that are read. */
  readonly maximumMessageBytes: number;
}

/**
 * Makes an answer over HTTP the message that a service would have sent; `body` is `undefined` where it was too long.
 *
 * @throws {MessagingError} what the gateway refused the request with; an error of a contract is a message
 */
export function readAnswer(
  response: Response,
  body: Uint8Array | undefined,
  request: AnsweredRequest,
): TransportMessage {
  const { subject, what, operation, maximumMessageBytes } = request;
  if (body === undefined) {
    const text = `${what} got an answer of more than ${maximumMessageBytes} bytes, which was not read`;
    throw new MessagingError("PAYLOAD_TOO_LARGE", text, { operation, execution: "unknown" });
  }
  if (response.status === 204 || (response.status === 200 && hasMediaType(response, jsonType))) {
    return message(subject, [[headerNames.contentType, jsonType]], body);
  }
  const refusal = refusalOf(response, body, request);
  if (isLibraryCode(refusal.code)) throw refusal;
  return message(subject, [
    [headerNames.serviceErrorCode, String(refusal.status)],
    [headerNames.error, refusal.code],
  ], body);
}

function message(subject: string, headers: readonly (readonly [string, string])[], body: Uint8Array): TransportMessage {
  return {
    subject,
    replySubject: undefined,
    headerBlock: encodeHeaderBlock(MessageHeaders.fromTrusted(headers)),
    body,
  };
}
