import { MessagingError } from "../errors/messaging-error.ts";

const subscribeSubject =
  /^(?:\*|[\x21-\x29\x2b-\x2d\x2f-\x3d\x3f-\x7e]+)(?:\.(?:\*|[\x21-\x29\x2b-\x2d\x2f-\x3d\x3f-\x7e]+))*(?:\.>)?$|^>$/;
const maximumSubjectLength = 1024;
const dot = 0x2e;
const star = 0x2a;
const greater = 0x3e;

/**
 * Tells whether a message may be published to this subject: printable ASCII tokens between dots, without wildcards
 * (ADR-6, narrowed to ASCII). A loop, because it runs for every message, and a regular expression takes three times as long.
 */
export function isPublishSubject(subject: string): boolean {
  if (subject.length > maximumSubjectLength) return false;
  let tokenLength = 0;
  for (let index = 0; index < subject.length; index++) {
    const code = subject.charCodeAt(index);
    if (code === dot) {
      if (tokenLength === 0) return false;
      tokenLength = 0;
    } else if (code > 0x20 && code < 0x7f && code !== star && code !== greater) {
      tokenLength += 1;
    } else {
      return false;
    }
  }
  return tokenLength > 0;
}

/**
 * Refuses a subject that is no subject: the protocol line it would stand in is text, so a space or a line break in it
 * would be a command.
 *
 * @throws {MessagingError} `INVALID_REQUEST`
 */
export function checkPublishSubject(subject: string): void {
  if (!isPublishSubject(subject)) throw refused("publish to a subject", subject);
}

/** Refuses what is no subject to listen to. @throws {MessagingError} `INVALID_REQUEST` */
export function checkSubscribeSubject(subject: string): void {
  if (subject.length > maximumSubjectLength || !subscribeSubject.test(subject)) {
    throw refused("subscribe to a subject", subject);
  }
}

/** Refuses what is no queue group: nats.js sends it unchecked. @throws {MessagingError} `INVALID_REQUEST` */
export function checkQueueGroup(queueGroup: string): void {
  if (!isPublishSubject(queueGroup)) throw refused("use a queue group", queueGroup);
}

/**
 * Tells whether a server may answer to this subject. Any other would let a caller make the server publish in its place,
 * for example to `$JS.API.STREAM.PURGE.…`.
 */
export function isReplySubject(subject: string): boolean {
  return (subject.startsWith("_INBOX") || subject.startsWith("_R_")) && isPublishSubject(subject);
}

function refused(action: string, text: string): MessagingError {
  const shown = JSON.stringify(String(text).slice(0, 64));
  return new MessagingError("INVALID_REQUEST", `Cannot ${action}: ${shown} is not one NATS would take as it is`);
}
