import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { echo } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { until } from "../support/until.ts";

const password = (text: string) => `authorization { users: [{ user: ann, password: "${text}" }] }`;

function clientOf(options: NatsTransportOptions) {
  const client = createMessagingClient({ contract: echo, transport: new NatsTransport(options) });
  const statuses: string[] = [];
  client.onStatus((status) => void statuses.push(status));
  return { client, statuses };
}

describeWithNatsServer("connect()", {}, (test) => {
  test("fails at once when no server can be reached, and can be called again", async () => {
    await using broker = await startNatsServer();
    await broker.kill();
    const { client, statuses } = clientOf({ servers: broker.url });
    await expectRejection(client.connect(), { code: "DISCONNECTED", message: /Cannot connect to nats:/ });
    await broker.restart();
    await client.connect();
    await client.disconnect();
    assert.equal(statuses, ["connecting", "disconnected", "connecting", "connected", "closed"]);
  });

  test("waits for a broker that comes later, where that is wanted", async () => {
    await using broker = await startNatsServer();
    await broker.kill();
    const { client, statuses } = clientOf({ servers: broker.url, waitOnFirstConnect: true });
    const server = createMessagingServer({
      contract: echo,
      transport: new NatsTransport({ servers: broker.url, waitOnFirstConnect: true }),
    });
    server.registerHandler("say", (request) => request);
    const ready = Promise.all([client.connect(), server.start({ partial: true })]);
    await broker.restart();
    await ready;
    assert.equal(await client.request("say", { text: "at last" }), { text: "at last" });
    await Promise.all([client.disconnect(), server.stop()]);
    assert.equal(statuses, ["connecting", "connected", "closed"]);
  });

  test("waits also for a user that the broker does not know yet", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    const warned: string[] = [];
    const { client } = clientOf({
      servers: broker.url,
      waitOnFirstConnect: true,
      authentication: { user: "ann", password: "new" },
      logger: { debug: () => {}, info: () => {}, warn: (text) => void warned.push(text), error: () => {} },
    });
    const connecting = client.connect();
    await until("the refusal", () => warned.length > 0);
    await broker.reload(password("new"));
    await connecting;
    assert.is(warned.length, 1, "the same refusal is told once");
    await client.disconnect();
  });

  test("stops waiting by its signal, and by disconnect()", async () => {
    const servers = `nats://127.0.0.1:${await freePort()}`;
    const signalled = clientOf({ servers, waitOnFirstConnect: true });
    const abort = new AbortController();
    const first = signalled.client.connect({ signal: abort.signal });
    const other = clientOf({ servers, waitOnFirstConnect: true });
    const second = other.client.connect();
    await until("the wait", () => [signalled, other].every(({ client }) => client.status === "connecting"));
    const start = performance.now();
    abort.abort();
    await expectRejection(first, { code: "CANCELLED" });
    await other.client.disconnect();
    await expectRejection(second, { code: "CANCELLED" });
    assert.ok(performance.now() - start < 500);
    assert.equal([signalled.client.status, other.client.status], ["disconnected", "closed"]);
  });

  test("does not wait for what cannot pass", async () => {
    await using old = await startStrangeServer((socket) => void socket.write('INFO {"headers":false}\r\n'));
    const { client } = clientOf({ servers: `nats://127.0.0.1:${old.port}`, waitOnFirstConnect: true });
    await expectRejection(client.connect(), { code: "UNSUPPORTED", message: /headers/ });
  });

  test("that is given up does not wait for credentials that never come", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    let asked = 0;
    const { client } = clientOf({
      servers: broker.url,
      connectTimeoutMs: 60_000,
      authentication: () => (asked += 1, new Promise<never>(() => {})),
    });
    const connecting = client.connect();
    await until("the question", () => asked === 1);
    const start = performance.now();
    await client.disconnect();
    await expectRejection(connecting, { code: "CANCELLED" });
    assert.ok(performance.now() - start < 500);
  });
});
