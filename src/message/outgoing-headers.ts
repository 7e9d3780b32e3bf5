import { MessagingError } from "../errors/messaging-error.ts";
import { isReservedHeader } from "./header-names.ts";
import { MessageHeaders } from "./message-headers.ts";

/** The headers of a message that is not sent yet, as they stand and to be set. */
export class OutgoingHeaders {
  /** As they stand. */
  headers: MessageHeaders;

  /** What its caller and the library have given it. */
  constructor(headers: MessageHeaders) {
    this.headers = headers;
  }

  /**
   * Sets a header, in the place of one of the same name in any case.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many headers
   */
  setHeader(name: string, value: string): void {
    if (isOwn(name)) {
      const text = `Cannot set the header "${name.slice(0, 64)}": it is the library's own`;
      throw new MessagingError("INVALID_REQUEST", text);
    }
    const replaced = name.toLowerCase();
    // The limits are those of the peer, which does not count the library's own.
    const own: (readonly [string, string])[] = [];
    const others: (readonly [string, string])[] = [];
    for (const entry of this.headers) {
      if (isOwn(entry[0])) own.push(entry);
      else if (entry[0].toLowerCase() !== replaced) others.push(entry);
    }
    others.push([name, value]);
    this.headers = MessageHeaders.fromTrusted([...own, ...MessageHeaders.from(others)]);
  }
}

function isOwn(name: string): boolean {
  return isReservedHeader(name) || name.toLowerCase() === "authorization";
}
