import type { VerifiedActor } from "../contract/actor.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { OutgoingHeaders } from "../message/outgoing-headers.ts";
import type { GatewayCallContext } from "./gateway-options.ts";

/** A request as the gateway's middleware sees it. */
export class ForwardedContext extends OutgoingHeaders implements GatewayCallContext {
  /** Where it goes. */
  readonly subject: string;
  /** Who asks. */
  readonly actor: VerifiedActor;
  /** Its caller's trace. */
  readonly parent: GatewayCallContext["parent"];

  /** Not sent yet. */
  constructor(subject: string, headers: readonly (readonly [string, string])[], actor: VerifiedActor) {
    super(MessageHeaders.fromTrusted(headers));
    const traceparent = this.headers.get(headerNames.traceparent);
    this.subject = subject;
    this.actor = actor;
    this.parent = traceparent === undefined ? undefined : { traceparent };
  }
}
