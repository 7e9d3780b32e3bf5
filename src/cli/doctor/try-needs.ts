import { MessagingError } from "../../errors/messaging-error.ts";
import { encodeErrorReply } from "../../message/error-reply.ts";
import { encodeHeaderBlock } from "../../message/header-block.ts";
import { isReplySubject } from "../../transport/subject-rules.ts";
import type { BrokerSession } from "./broker-session.ts";
import { type Need, needKey } from "./needs.ts";

/** What came of trying. */
export interface TriedNeeds {
  /** Keys of what the broker refuses. */
  readonly refused: ReadonlySet<string>;
  /** Whether publishing could be tried without a message reaching anybody. */
  readonly publishTried: boolean;
}

const noBody = new Uint8Array(0);
const decoder = new TextDecoder("latin1");

/**
 * Finds out what the broker refuses to a connection, without doing it. A message is published with a reply subject that no
 * client may use (`_R_.`): the broker looks at the right to publish first, refuses the reply subject then, and delivers
 * nothing (`processInboundClientMsg` of nats-server, 2.0 to 2.15). A subscription ends in the same bytes in which it begins; a
 * request that comes in between all the same is told `BUSY`, which its caller may repeat.
 *
 * @throws {MessagingError} `DISCONNECTED`
 */
export async function tryNeeds(broker: BrokerSession, needs: readonly Need[], timeoutMs: number): Promise<TriedNeeds> {
  const { session } = broker;
  const nonce = crypto.randomUUID();
  const deniedPublish = new Set<string>();
  const deniedSubscribe = new Set<string>();
  broker.onRefusal = (error) => {
    if (error.kind === "publish-denied") deniedPublish.add(error.subject);
    if (error.kind === "subscribe-denied") deniedSubscribe.add(`${error.subject} ${error.queueGroup ?? ""}`);
  };
  const shared = new Set<number>();
  broker.onMessage = ({ subscriptionId, replySubject }) => {
    if (replySubject === undefined || !shared.has(subscriptionId)) return;
    const subject = decoder.decode(replySubject);
    if (!isReplySubject(subject)) return;
    const busy = new MessagingError("BUSY", "Nobody has begun with it: try again", { retryAfterMs: 20 });
    const { headers, body } = encodeErrorReply(busy);
    session.writeMessage(subject, undefined, encodeHeaderBlock(headers), body);
  };

  // Nobody listens there. A broker that lets this reply subject pass would let requests through to services.
  const nowhere = `_INBOX.doctor-${nonce}`;
  const reserved = `_R_.${nonce}`;
  session.writeMessage(nowhere, reserved, undefined, noBody);
  await session.confirmWithin(timeoutMs);
  const publishTried = deniedPublish.has(reserved) || deniedPublish.has(nowhere);

  const unique = [...new Map(needs.map((need) => [needKey(need), need])).entries()];
  for (const [index, [, { action, subject, queueGroup }]] of unique.entries()) {
    if (action === "subscribe") {
      const id = index + 1;
      if (queueGroup !== undefined) shared.add(id);
      session.writeLine(`SUB ${subject} ${queueGroup === undefined ? "" : `${queueGroup} `}${id}`);
      session.writeLine(`UNSUB ${id}`);
    } else if (publishTried) session.writeMessage(literal(subject), `${reserved}.${index}`, undefined, noBody);
  }
  await session.confirmWithin(timeoutMs);
  const isRefused = ({ action, subject, queueGroup }: Need): boolean =>
    action === "publish" ? deniedPublish.has(literal(subject)) : deniedSubscribe.has(`${subject} ${queueGroup ?? ""}`);
  return { refused: new Set(unique.filter(([, need]) => isRefused(need)).map(([key]) => key)), publishTried };
}

/** A subject that a pattern has in it. */
function literal(pattern: string): string {
  return pattern.split(".").map((token) => token === "*" || token === ">" ? "doctor" : token).join(".");
}
