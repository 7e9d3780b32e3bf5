import { Buffer } from "node:buffer";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { RawSocket } from "./raw-socket.ts";

const mebibyte = 1_024 * 1_024;
const bodyBytes = 262_144;
const head = "POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
const get = "GET /trial/v1/events?name=ticked";
const patienceMs = 10_000;

/** What is sent too much of, and the statuses that are right for it. */
export interface Attack {
  readonly name: string;
  /** 0 where Node's server breaks the connection off at once, so that a sender who does not read may miss its answer. */
  readonly statuses: readonly number[];
  readonly head: string;
  /** What is sent behind the head, again and again until the connection is closed or so many bytes have gone. */
  readonly flood?: { readonly piece: Uint8Array; readonly bytes: number };
}

const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "a"), Buffer.from("\r\n")]);
const bomb = Buffer.alloc(64 * mebibyte, " ");

/** All but one. */
export const attacks: readonly Attack[] = [
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

/**
 * Node's parser makes an object of some hundred bytes of every chunk, whoever reads it or not, as far as it has come with
 * one read of its socket: that much no gateway can spare it.
 */
export const crumbs: Attack = {
  name: "chunks of one byte without an end",
  statuses: [400],
  head: `${head}Transfer-Encoding: chunked\r\n\r\n`,
  flood: { piece: Buffer.from("1\r\na\r\n".repeat(10_000)), bytes: 16 * mebibyte },
};

/** Sends it; gives the status of the first answer, 0 where there was none, and how much was sent until the end. */
export async function attackOnce(
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
