// What keeps a process alive can only be seen from outside: each test runs a program that must end by itself.
import type { Socket } from "node:net";
import * as assert from "uvu/assert";
import { WebSocketServer } from "ws";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { startFixture } from "../support/start-fixture.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";

const requests = 1_000;
const settleLimitMs = 3_000;
const endLimitMs = 8_000;

interface InFlightResult {
  readonly settledMs: number;
  readonly status: string;
  readonly outcomes: Readonly<Record<string, number>>;
}

describeWithNatsServer("disconnect()", {}, (test) => {
  for (const kind of ["url", "websocketUrl"] as const) {
    for (const situation of ["connected", "killed", "frozen"] as const) {
      test(`settles 1,000 requests and lets the process end: ${kind}, broker ${situation}`, async () => {
        await using broker = await startNatsServer({ websocket: true });
        using peer = await RawPeer.connect(broker.port);
        let heard = 0;
        await peer.subscribe("echo.v1.request.ask", () => heard += 1);
        const program = startFixture("nats/fixtures/disconnect-in-flight.ts", [broker[kind], situation]);
        await until("1,000 requests", () => heard === requests);
        if (situation === "killed") await broker.kill();
        if (situation === "frozen") broker.freeze();
        program.go();
        const { ending, output, result } = await program.ended(endLimitMs);
        assert.is(ending, 0, output);
        const { settledMs, status, outcomes } = result as InFlightResult;
        assert.ok(settledMs < settleLimitMs, output);
        assert.is(status, "closed");
        const expected = {
          connected: { "DISCONNECTED unknown": requests },
          killed: { "DISCONNECTED unknown": requests, "DISCONNECTED not-executed": 100 },
          frozen: { "DISCONNECTED unknown": requests + 100, "DISCONNECTED not-executed": 1 },
        };
        assert.equal(outcomes, expected[situation]);
        console.log(`disconnect(), ${kind}, broker ${situation}: settled in ${settledMs} ms`);
      });
    }
  }
});

const noNatsServers: readonly ((socket: Socket) => void)[] = [
  () => {},
  (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
  (socket) => void socket.write(`INFO {"server_id":\r\n`),
  (socket) => void socket.write(`INFO {"headers":true,"max_payload":1}\r\n-ERR 'go away'\r\n`),
  (socket) => void socket.write(`INFO {"headers":true,"max_payload":1}\r\n`),
  (socket) => void socket.write("\0\u0001\u0002".repeat(1_000)),
  (socket) => void socket.end("SSH-2.0-OpenSSH_9.6\r\n"),
];

async function codesOf(way: string, urls: readonly string[]): Promise<string[]> {
  const { ending, output, result } = await startFixture("nats/fixtures/failed-connect.ts", [way, ...urls]).ended(
    15_000,
  );
  assert.is(ending, 0, output);
  return (result as { outcomes: string[] }).outcomes;
}

describe("connect()", (test) => {
  for (const scheme of ["nats", "tls", "ws", "wss"]) {
    test(`leaves nothing behind that keeps the process when it fails: ${scheme}`, { timeoutMs: 20_000 }, async () => {
      const servers = await Promise.all(noNatsServers.map(startStrangeServer));
      try {
        const ports = [await freePort(), ...servers.map(({ port }) => port)];
        const codes = await codesOf("fail", ports.map((port) => `${scheme}://127.0.0.1:${port}`));
        assert.equal(codes, ports.flatMap(() => ["DISCONNECTED", "disconnected"]));
        await until("the end of every dial", () => servers.every(({ open }) => open === 0));
      } finally {
        await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      }
    });

    for (const way of ["abort", "disconnect"]) {
      test(`leaves nothing behind when it is given up by ${way}: ${scheme}`, { timeoutMs: 20_000 }, async () => {
        await using silent = await startStrangeServer();
        const codes = await codesOf(way, [`${scheme}://127.0.0.1:${silent.port}`]);
        const status = way === "abort" ? "disconnected" : "closed";
        assert.equal(codes, Array(4).fill(["CANCELLED", status]).flat());
        await until("the end of every dial", () => silent.open === 0);
      });
    }
  }

  test(
    "leaves nothing behind when a WebSocket opens and says nothing, or nonsense",
    { timeoutMs: 20_000 },
    async () => {
      const greetings = [undefined, "text", Uint8Array.from([0, 1, 2]), new TextEncoder().encode("-ERR 'no'\r\n")];
      const port = await freePort();
      const server = new WebSocketServer({ port, host: "127.0.0.1" });
      server.on("connection", (socket, { url }) => {
        const greeting = greetings[Number(url?.slice(1))];
        if (greeting !== undefined) socket.send(greeting);
      });
      try {
        const urls = greetings.map((_, number) => `ws://127.0.0.1:${port}/${number}`);
        assert.equal(await codesOf("fail", urls), urls.flatMap(() => ["DISCONNECTED", "disconnected"]));
      } finally {
        server.close();
      }
    },
  );
});
