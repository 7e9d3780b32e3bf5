import { brotliCompressSync, gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { type Figure, none, type Size } from "../../faults/figures.ts";
import { MemoryWatch } from "../../faults/resident-memory.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { startGatewayScene } from "./gateway-scene.ts";
import { processFigures } from "./process-figures.ts";
import { RawSocket } from "./raw-socket.ts";

/** How often each attack is made, and how many at a time. */
const sizes: Readonly<Record<Size, { readonly times: number; readonly atOnce: number }>> = {
  small: { times: 4, atOnce: 4 },
  large: { times: 100, atOnce: 4 },
};
const mebibyte = 1_024 * 1_024;
const bodyBytes = 262_144;
const head = "POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
const get = "GET /trial/v1/events?name=ticked";
const patienceMs = 10_000;

/** What is sent too much of, and the statuses that are right for it. */
interface Attack {
  readonly name: string;
  /** 0 where Node's server breaks the connection off at once, so that a sender who does not read may miss its answer. */
  readonly statuses: readonly number[];
  readonly head: string;
  /** What is sent behind the head, again and again until the connection is closed or so many bytes have gone. */
  readonly flood?: { readonly piece: Uint8Array; readonly bytes: number };
}

const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "a"), Buffer.from("\r\n")]);
const bomb = Buffer.alloc(64 * mebibyte, " ");

const attacks: readonly Attack[] = [
  { name: "Content-Length of 10 GB", statuses: [413], head: `${head}Content-Length: 10000000000\r\n\r\n` },
  {
    name: "Content-Length of 10 GB, sent",
    statuses: [413],
    head: `${head}Content-Length: 10000000000\r\n\r\n`,
    flood: { piece: Buffer.alloc(65_536, "a"), bytes: 256 * mebibyte },
  },
  {
    name: "Content-Length one byte over the limit",
    statuses: [413],
    head: `${head}Content-Length: ${bodyBytes + 1}\r\n\r\n`,
  },
  {
    // What is behind the length is another request for whoever reads it, and none that can be read.
    name: "Content-Length of 10 bytes, and 64 MiB",
    statuses: [400, 0],
    head: `${head}Content-Length: 10\r\n\r\n`,
    flood: { piece: Buffer.alloc(65_536, "a"), bytes: 64 * mebibyte },
  },
  {
    name: "chunks without an end",
    statuses: [413],
    head: `${head}Transfer-Encoding: chunked\r\n\r\n`,
    flood: { piece: chunk, bytes: 256 * mebibyte },
  },
  {
    name: "chunks of one byte without an end",
    statuses: [400, 413],
    head: `${head}Transfer-Encoding: chunked\r\n\r\n`,
    flood: { piece: Buffer.from("1\r\na\r\n".repeat(10_000)), bytes: 16 * mebibyte },
  },
  ...[["gzip", gzipSync(bomb)] as const, ["br", brotliCompressSync(bomb)] as const].map((
    [encoding, bytes],
  ): Attack => ({
    name: `${encoding} bomb, 1:${Math.round(bomb.length / bytes.length)}`,
    statuses: [415],
    head: `${head}Content-Encoding: ${encoding}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    flood: { piece: bytes, bytes: bytes.length },
  })),
  {
    name: "a chunk extension of 1 MiB",
    statuses: [400, 413, 0],
    head: `${head}Transfer-Encoding: chunked\r\n\r\n`,
    flood: { piece: Buffer.from(`1;${"a".repeat(mebibyte)}\r\na\r\n`), bytes: 16 * mebibyte },
  },
  { name: "a header of 64 KiB", statuses: [431], head: `${head}X-Long: ${"a".repeat(65_536)}\r\n\r\n` },
  {
    name: "2,000 headers",
    statuses: [431],
    head: `${head}${Array.from({ length: 2_000 }, (_, index) => `X-${index}: a\r\n`).join("")}\r\n`,
  },
  {
    name: "a header without an end",
    statuses: [431, 0],
    head: `${head}X-Long: `,
    flood: { piece: Buffer.alloc(65_536, "a"), bytes: 64 * mebibyte },
  },
  {
    name: "10,000 query keys",
    statuses: [414, 431],
    head: `${get}${"&a=b".repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  },
  { name: "1,000 query keys", statuses: [431], head: `${get}${"&a=b".repeat(1_000)} HTTP/1.1\r\nHost: a\r\n\r\n` },
  { name: "a URL of 10 KiB", statuses: [414], head: `GET /${"a".repeat(10_240)} HTTP/1.1\r\nHost: a\r\n\r\n` },
  {
    name: "trailers of 64 KiB",
    statuses: [400, 413, 431],
    head: `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n${`X: ${"a".repeat(1_000)}\r\n`.repeat(64)}\r\n`,
  },
];

/** G2: more than the gateway takes. */
export const oversizedBodies: GatewayExperiment = {
  id: "G2",
  promise: "What is too large is refused before it is read, and the gateway's memory stays as it is",
  sizes: {
    small: `${attacks.length} attacks × ${sizes.small.times}, ${sizes.small.atOnce} at once`,
    large: `${attacks.length} attacks × ${sizes.large.times}, ${sizes.large.atOnce} at once`,
  },
  largeLimitMs: 240_000,
  run: async (size) => {
    const { times, atOnce } = sizes[size];
    await using scene = await startGatewayScene();
    const { port, gateway, spy } = scene;
    await scene.warmUp();
    // Once each, so that what Node allocates for good at the first is there already.
    for (const attack of attacks) await attackOnce(port, attack, "127.0.30.");
    const { heapBytes } = await gateway.tell("measure");
    let tried = 0;
    let taken = 0;
    const wrong = new Map<string, number>();
    using memory = new MemoryWatch(gateway.pid);
    const upstream = await spy.countDuring(async () => {
      for (const [index, attack] of attacks.entries()) {
        let left = times;
        const work = async (): Promise<void> => {
          while (left-- > 0) {
            const { status, bytes } = await attackOnce(port, attack, `127.0.${31 + index}.`);
            tried += 1;
            taken = Math.max(taken, bytes);
            if (attack.statuses.includes(status)) continue;
            const line = `${attack.name}: ${status} after ${bytes} bytes`;
            wrong.set(line, (wrong.get(line) ?? 0) + 1);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, work));
      }
    });
    const grown = memory.grownBytes / mebibyte;
    const kept = ((await gateway.tell("measure")).heapBytes - heapBytes) / mebibyte;
    for (const [line, count] of wrong) console.log(`${count} × ${line}`);
    const figures: Figure[] = [
      { name: "attacks", value: tried },
      {
        name: "answers of another status",
        value: [...wrong.values()].reduce((sum, count) => sum + count, 0),
        limit: none,
      },
      { name: "memory grown", value: grown, unit: "MiB", limit: { atMost: 20 } },
      { name: "heap kept when all is over", value: kept, unit: "MiB", limit: { atMost: 2 } },
      { name: "most bytes that one attack could send", value: taken / mebibyte, unit: "MiB" },
      { name: "messages upstream", value: upstream, limit: none },
    ];
    return [...figures, ...processFigures(scene)];
  },
};

/** Sends it; gives the status of the first answer, 0 where there was none, and how much was sent until the end. */
async function attackOnce(
  port: number,
  { head, flood }: Attack,
  addresses: string,
): Promise<{ readonly status: number; readonly bytes: number }> {
  const address = `${addresses}${1 + Math.floor(Math.random() * 250)}`;
  using socket = await RawSocket.connect(port, { address });
  socket.write(head);
  if (flood !== undefined) {
    for (let sent = 0; sent < flood.bytes && !socket.isClosed; sent += flood.piece.length) {
      if (!socket.write(flood.piece)) await socket.writable();
    }
  }
  const text = await socket.until(/^HTTP\/1\.1 [^1]\d\d /m, patienceMs);
  const [, status = "0"] = /^HTTP\/1\.1 ([^1]\d\d) /m.exec(text) ?? [];
  return { status: Number(status), bytes: socket.bytesSent };
}
