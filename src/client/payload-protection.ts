import { headerNames } from "../message/header-names.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption, SealedPayload } from "../message/payload-encryption.ts";
import type { OpenReply } from "./decode-reply.ts";

/** Encrypts a request's body, bound to where it goes and to its id; `subject` is without a namespace. */
export function sealRequest(
  encryption: PayloadEncryption,
  subject: string,
  requestId: string,
  body: Uint8Array,
): Promise<SealedPayload> {
  return encryption.seal(body, { subject, direction: "request", requestId });
}

/** Opens the body of the answer to a request. It is copied: it is read later, and the message's bytes are the socket's. */
export function replyOpener(encryption: PayloadEncryption, subject: string, requestId: string): OpenReply {
  const binding = { subject, direction: "response", requestId } as const;
  return (body, header) => encryption.open(body.slice(), header, binding);
}

/** Opens the body of an event; `subject` is without a namespace. The body is a copy: it is read later. */
export function openEvent(
  encryption: PayloadEncryption,
  subject: string,
  headers: MessageHeaders,
  body: Uint8Array,
): Promise<Uint8Array> {
  return encryption.open(body.slice(), headers.get(headerNames.encryption), {
    subject,
    direction: "event",
    requestId: "",
  });
}
