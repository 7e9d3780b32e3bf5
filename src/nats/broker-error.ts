import { MessagingError } from "../errors/messaging-error.ts";

/** What a broker's `-ERR` means. */
export type BrokerError =
  | { readonly kind: "publish-denied"; readonly subject: string; readonly text: string }
  | {
    readonly kind: "subscribe-denied";
    readonly subject: string;
    /** Said where there is one. */
    readonly queueGroup: string | undefined;
    /** Said of a subscription that the broker had and takes away. */
    readonly subscriptionId: number | undefined;
    readonly text: string;
  }
  | { readonly kind: "authentication" | "subscription-limit" | "other"; readonly text: string };

const maximumTextLength = 512;

/** Reads the text of an `-ERR` line; the broker has no codes, only these texts. */
export function parseBrokerError(line: string): BrokerError {
  const text = line.trim().replace(/^'|'$/g, "").slice(0, maximumTextLength);
  const denied = /^permissions violation for (publish|subscription)(?: with reply of)? (?:to )?"([^"]*)"/i.exec(text);
  if (denied !== null) {
    const subject = denied[2]!;
    if (denied[1]!.toLowerCase() === "publish") return { kind: "publish-denied", subject, text };
    const id = /\(sid "?(\d+)"?\)/.exec(text)?.[1];
    return {
      kind: "subscribe-denied",
      subject,
      queueGroup: / using queue "([^"]*)"/.exec(text)?.[1],
      subscriptionId: id === undefined ? undefined : Number(id),
      text,
    };
  }
  if (/authorization violation|authentication (?:expired|revoked|timeout)|account authentication/i.test(text)) {
    return { kind: "authentication", text };
  }
  if (/maximum subscriptions exceeded/i.test(text)) return { kind: "subscription-limit", text };
  return { kind: "other", text };
}

/** The error that ends a connection after this `-ERR`. */
export function connectionError(error: BrokerError): MessagingError {
  return error.kind === "authentication"
    ? new MessagingError("UNAUTHENTICATED", `The broker refuses the connection: ${error.text}`)
    : new MessagingError("DISCONNECTED", `The broker ended the connection: ${error.text}`, {
      execution: "not-executed",
    });
}
