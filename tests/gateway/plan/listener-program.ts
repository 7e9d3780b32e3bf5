// Thousands of readers of event streams, in a process of their own: they count what comes, and keep nothing.
import type { Socket } from "node:net";
import { connect } from "node:net";
import process from "node:process";
import { type Commands, obey } from "./obey.ts";

/** Where the streams are, and who listens. */
export interface ListenerChoice {
  readonly port: number;
  /** Each for as many streams as one identity may have. */
  readonly tokens: readonly string[];
}

/** What it can be told. */
export type ListenerProgram = typeof commands;

const atOnce = 100;
const frameEnd = Buffer.from("\n\n");
const lineFeed = 0x0a;
const choice = JSON.parse(process.argv[2]!) as ListenerChoice;
const sockets: Socket[] = [];
/** Frames that came on all streams. */
let frames = 0;
let closed = 0;

/** Opens one stream; resolves when its first frame has come. */
function open(index: number): Promise<void> {
  const socket = connect({
    port: choice.port,
    host: "127.0.0.1",
    localAddress: `127.0.${130 + Math.floor(index / 5_000)}.${1 + index % 250}`,
  });
  sockets.push(socket);
  const token = choice.tokens[index % choice.tokens.length]!;
  socket.write(
    `GET /trial/v1/events?name=ticked HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  let endsWithLineFeed = false;
  let isOpen = false;
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => {
      if (!isOpen) {
        isOpen = true;
        if (!chunk.toString("latin1", 0, 12).endsWith(" 200")) reject(new Error(chunk.toString("latin1", 0, 500)));
      }
      if (endsWithLineFeed && chunk[0] === lineFeed) frames += 1;
      for (let end = chunk.indexOf(frameEnd); end !== -1; end = chunk.indexOf(frameEnd, end + 2)) {
        frames += 1;
        resolve();
      }
      endsWithLineFeed = chunk.at(-1) === lineFeed && chunk.at(-2) !== lineFeed;
    });
    socket.on("error", reject);
    socket.on("close", () => {
      closed += 1;
      reject(new Error("The stream was closed"));
    });
  });
}

const commands = {
  /** Opens so many streams. */
  open: async (count: number): Promise<void> => {
    for (let opened = 0; opened < count; opened += atOnce) {
      const more = Math.min(atOnce, count - opened);
      await Promise.all(Array.from({ length: more }, (_, index) => open(opened + index)));
    }
  },
  /** What came so far, and how many streams have ended. */
  count: () => ({ frames, closed }),
  /** Leaves all of them. */
  leave: (): void => {
    for (const socket of sockets.splice(0)) socket.destroy();
  },
} satisfies Commands;

obey(commands);
