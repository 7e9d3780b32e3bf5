import { MessagingError } from "../errors/messaging-error.ts";
import { isLibraryHeader } from "./header-names.ts";
import { MessageHeaders } from "./message-headers.ts";

/** What middleware sees of a message that is not sent yet, beside its data. */
export class OutgoingContext<Parent> {
  /** Where it goes. */
  readonly subject: string;
  /** The headers that go with it, as they stand. */
  headers: MessageHeaders;
  /** The call it is made for. */
  readonly parent: Parent;
  /** How often it has been sent by now; where that is not counted it is absent. */
  attempts?: number;

  /** Not sent yet. */
  constructor(subject: string, headers: MessageHeaders, parent: Parent) {
    this.subject = subject;
    this.headers = headers;
    this.parent = parent;
  }

  /**
   * Sets a header, in the place of one of the same name in any case.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many headers
   */
  setHeader(name: string, value: string): void {
    if (isLibraryHeader(name)) {
      throw new MessagingError("INVALID_REQUEST", `The header "${name.slice(0, 64)}" is the library's own`);
    }
    const replaced = name.toLowerCase();
    const others = [...this.headers].filter(([other]) => other.toLowerCase() !== replaced);
    // With the library's own, which the peer does not count: what passes here passes there.
    this.headers = MessageHeaders.from([...others, [name, value]]);
  }
}
