import { MessageHeaders } from "../message/message-headers.ts";
import { OutgoingHeaders } from "../message/outgoing-headers.ts";
import type { ClientCallContext, ParentCall } from "./client-options.ts";
import type { HeaderEntries } from "./request-headers.ts";

/** A request as its middleware sees it. */
export class RequestContext extends OutgoingHeaders implements ClientCallContext {
  /** Where it goes. */
  readonly subject: string;
  /** The call it is made for. */
  readonly parent: ParentCall | undefined;
  /** How often it has been sent by now. */
  attempts = 0;

  /** Not sent yet. */
  constructor(subject: string, headers: HeaderEntries, parent: ParentCall | undefined) {
    super(MessageHeaders.fromTrusted(headers));
    this.subject = subject;
    this.parent = parent;
  }
}
