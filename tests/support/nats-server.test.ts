import { connect as dialTcp, type Socket } from "node:net";
import { once } from "node:events";
import { connect as dialTls } from "node:tls";
import process from "node:process";
import * as assert from "uvu/assert";
import WebSocket from "ws";
import { makeCertificates } from "./certificates.ts";
import { describeWithNatsServer } from "./describe-with-nats-server.ts";
import { expectRejection } from "./expect-rejection.ts";
import { natsServerAtLeast, startNatsServer } from "./nats-server.ts";

async function dial(port: number): Promise<Socket> {
  const socket = dialTcp(port, "127.0.0.1");
  await once(socket, "data");
  return socket;
}

async function answer(socket: Socket, line: string): Promise<string> {
  socket.write(line);
  const [data] = await once(socket, "data");
  return String(data);
}

async function until(socket: Socket, pattern: RegExp): Promise<void> {
  for await (const data of socket) {
    if (pattern.test(String(data))) return;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describeWithNatsServer("startNatsServer()", {}, (test) => {
  test("starts a server that answers, and ends it with stop()", async () => {
    const server = await startNatsServer();
    const { pid } = server;
    assert.match(server.url, /^nats:\/\/127\.0\.0\.1:\d+$/);
    assert.match(await answer(await dial(server.port), "PING\r\n"), /PONG/);
    await server.stop();
    await server.stop();
    assert.not(isAlive(pid));
    assert.throws(() => server.pid, /not running/);
  });

  test("kill() breaks connections and restart() comes back on the same port", async () => {
    await using server = await startNatsServer();
    const socket = await dial(server.port);
    const closed = once(socket, "close");
    const { pid } = server;
    await server.kill();
    await closed;
    await server.restart();
    assert.is.not(server.pid, pid);
    (await dial(server.port)).destroy();
  });

  test("freeze() keeps connections silent until thaw()", async () => {
    await using server = await startNatsServer();
    const socket = await dial(server.port);
    server.freeze();
    const pong = answer(socket, "PING\r\n");
    const early = await Promise.race([pong, new Promise((settle) => setTimeout(settle, 50, "silence"))]);
    assert.is(early, "silence");
    server.thaw();
    assert.match(await pong, /PONG/);
    server.freeze();
    socket.destroy();
  });

  test("reload() takes a new configuration and rejects a wrong one", async () => {
    await using server = await startNatsServer({ config: "max_payload: 1000" });
    await server.reload("max_payload: 2000");
    assert.match(await answer(await dial(server.port), "CONNECT {}\r\nPING\r\n"), /PONG/);
    await expectRejection(server.reload("max_payload: {}"), { message: /Failed to reload/ });
  });

  test("lameDuck() tells the clients", async () => {
    await using server = await startNatsServer();
    const socket = await dial(server.port);
    // A server tells only clients of protocol 1, which take an INFO at any time.
    await answer(socket, `CONNECT {"protocol":1}\r\nPING\r\n`);
    const told = until(socket, /"ldm":true/);
    await server.lameDuck();
    await told;
  });

  test("serves WebSockets, JetStream and the monitoring endpoint", async () => {
    await using server = await startNatsServer({ websocket: true, jetstream: true, monitoring: true });
    const socket = new WebSocket(server.websocketUrl);
    const [info] = await once(socket, "message");
    assert.match(String(info), /"jetstream":true/);
    socket.terminate();
    const status = await (await fetch(`${server.monitoringUrl}/varz`)).json();
    assert.is(status.version, server.version);
    assert.ok(natsServerAtLeast(status.version));
    assert.not(natsServerAtLeast("99.0.0"));
  });

  test("rejects with the server's own words when the configuration is wrong", async () => {
    await expectRejection(startNatsServer({ config: "max_payload: {}" }), {
      message: /ended while it started:[^]*nats-server.conf:2:1/,
    });
  });

  test("asks for client certificates, over TCP and over WebSocket", async () => {
    const certificates = await makeCertificates();
    const { certificateFile: certFile, keyFile } = certificates.server;
    const tls = { certFile, keyFile, caFile: certificates.authority.certificateFile, verify: true };
    const handshakeFirst = natsServerAtLeast("2.10.4");
    await using server = await startNatsServer({ tls: { ...tls, handshakeFirst }, websocketTls: tls });
    assert.match(server.url, /^tls:/);

    const { certificate: ca } = certificates.authority;
    const { certificate: cert, key } = certificates.client;
    for (const host of ["localhost", "127.0.0.1"]) {
      const socket = new WebSocket(server.websocketUrl.replace("127.0.0.1", host), { ca, cert, key });
      await once(socket, "message");
      socket.terminate();
    }
    await expectRejection(once(new WebSocket(server.websocketUrl, { ca }), "open"), {
      message: /certificate|hang up/,
    });

    if (!handshakeFirst) return;
    const good = dialTls({ port: server.port, host: "127.0.0.1", ca, cert, key });
    assert.match(String((await once(good, "data"))[0]), /^INFO/);
    good.destroy();
    const { certificate: expired, key: expiredKey } = certificates.expiredClient;
    const bad = dialTls({ port: server.port, host: "127.0.0.1", ca, cert: expired, key: expiredKey });
    await expectRejection(once(bad, "data"), { message: /expired|reset/ });
  });
});
