import type { Socket } from "node:net";
import { startStrangeServer } from "../support/strange-server.ts";

/** A broker made by hand that gives a request to whoever subscribes for `ping` of the shop. */
export interface LenientBroker extends AsyncDisposable {
  readonly url: string;
  /** The subjects of all that was published. */
  readonly published: readonly string[];
  /** Those that were published with a reply subject that no client may use. */
  readonly probed: readonly string[];
  /** Every line of the protocol that came. */
  readonly lines: readonly string[];
  /** What was answered to the request. */
  readonly answers: readonly { readonly code: string }[];
}

const info = { server_id: "lenient", version: "2.15.2", proto: 1, headers: true, max_payload: 1_048_576 };
const caller = "_INBOX.caller.1";

/** Starts it; it may let a reserved reply subject pass, as no nats-server does. */
export async function startLenientBroker(
  { refusesReservedReplies }: { readonly refusesReservedReplies: boolean },
): Promise<LenientBroker> {
  const published: string[] = [];
  const probed: string[] = [];
  const all: string[] = [];
  const answers: { code: string }[] = [];

  const readLine = (socket: Socket, line: string): void => {
    const [verb, subject, ...rest] = line.split(" ");
    if (verb === "PING") socket.write("PONG\r\n");
    if (verb === "SUB" && subject === "shop.v2.request.ping" && rest.length === 2) {
      socket.write(`MSG ${subject} ${rest[1]} ${caller} 2\r\n{}\r\n`);
    }
    if (verb !== "PUB" && verb !== "HPUB") return;
    published.push(subject!);
    const reply = rest[0]!;
    if (verb !== "PUB" || !reply.startsWith("_R_.")) return;
    if (subject!.startsWith("shop.")) probed.push(subject!);
    if (refusesReservedReplies) socket.write(`-ERR 'Permissions Violation for Publish with Reply of "${reply}"'\r\n`);
  };

  const server = await startStrangeServer((socket) => {
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
      // A message's body is a line too: those of this test have no verb in front.
      const lines = text.split("\r\n");
      text = lines.pop()!;
      all.push(...lines);
      for (const line of lines) {
        const answer = /^\{"code":"(\w+)"/.exec(line);
        if (answer === null) readLine(socket, line);
        else answers.push({ code: answer[1]! });
      }
    });
  });
  return {
    url: `nats://127.0.0.1:${server.port}`,
    published,
    probed,
    lines: all,
    answers,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
