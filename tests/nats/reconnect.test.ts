import type { Socket } from "node:net";
import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, echo } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { startStrangeServer, type StrangeServer } from "../support/strange-server.ts";
import { until } from "../support/until.ts";

describeWithNatsServer("NatsTransport", {}, (test) => {
  test("tells each status and each reason once and in order, through outages of many attempts", async () => {
    await using broker = await startNatsServer();
    const transport = new NatsTransport({ servers: broker.url });
    const client = createMessagingClient({ contract: echo, transport });
    const server = createMessagingServer({ contract: echo, transport });
    server.registerHandler("say", (request) => request);
    const told: Record<string, string[]> = { transport: [], client: [], server: [] };
    const reasons: (string | undefined)[] = [];
    for (const [name, one] of Object.entries({ transport, client, server })) {
      one.onStatus((status, error) => {
        told[name]!.push(status);
        if (status === "reconnecting") reasons.push(error?.message);
        assert.is(one.status, status);
      });
    }
    await Promise.all([client.connect(), server.start({ partial: true })]);
    for (let outage = 0; outage < 2; outage++) {
      await broker.kill();
      await until("the loss", () => client.status === "reconnecting");
      await client.request("say", { text: "?" }, { timeoutMs: 400 }).catch(() => {});
      await broker.restart();
      await until("the return", () => client.status === "connected");
    }
    await Promise.all([client.disconnect(), server.stop()]);
    // That it was lost, and that nothing listens there any longer.
    const outage = ["reconnecting", "reconnecting", "connected"];
    const expected = ["connecting", "connected", ...outage, ...outage, "closed"];
    assert.equal(told, { transport: expected, client: expected, server: expected });
    const lost = reasons.filter((reason) => reason?.startsWith("The connection was lost: "));
    const refused = reasons.filter((reason) => reason === `Cannot connect to ${broker.url}: connection refused`);
    assert.equal([reasons.length, lost.length, refused.length], [12, 6, 6]);
  });

  test("tells why it does not come back, where that is another reason than why it was lost", async () => {
    const password = (text: string) => `authorization { users: [{ user: ann, password: "${text}" }] }`;
    await using broker = await startNatsServer({ config: password("old") });
    const client = await connectEcho(
      new NatsTransport({ servers: broker.url, authentication: { user: "ann", password: "old" } }),
    );
    const told: string[] = [];
    client.onStatus((status, error) => void told.push(`${status} ${error?.message ?? ""}`));
    await broker.kill();
    await until("the loss", () => client.status === "reconnecting");
    await broker.restart({ config: password("new") });
    const violation = "reconnecting The broker refuses the connection: Authorization Violation";
    await until("the refusal", () => told.includes(violation));
    await broker.reload(password("old"));
    await until("the return", () => client.status === "connected");
    assert.is(told.filter((line) => line === violation).length, 1);
    await client.disconnect();
  });

  test("brings subscriptions back, each once, and those declared meanwhile", async () => {
    await using broker = await startNatsServer();
    const client = await connectEcho(new NatsTransport({ servers: broker.url }));
    const heard: string[] = [];
    const hear = (name: string) => (data: { region: string }) => void heard.push(`${name} ${data.region}`);
    const all = client.subscribe("moved", hear("all"));
    const eu = client.subscribe("moved", { params: { region: "eu" } }, hear("eu"));
    const shared = [1, 2].map(() => client.subscribe("moved", { queueGroup: "group" }, hear("shared")));
    const gone = client.subscribe("moved", hear("gone"));
    await Promise.all([all, eu, gone, ...shared].map(({ ready }) => ready));
    await broker.kill();
    await until("the loss", () => client.status === "reconnecting");
    await gone.unsubscribe();
    const late = client.subscribe("moved", hear("late"));
    await broker.restart();
    await late.ready;
    using peer = await RawPeer.connect(broker.port);
    for (const region of ["eu", "us"]) {
      peer.publish(`echo.v1.event.moved.${region}.1`, JSON.stringify({ region, id: "1" }));
    }
    await peer.flush();
    await until("the events", () => heard.length >= 7);
    await client.disconnect();
    assert.equal(heard.sort(), ["all eu", "all us", "eu eu", "late eu", "late us", "shared eu", "shared us"]);
  });

  test("tells each subscription once that it is back and what was missed, and is ready anew", async () => {
    await using broker = await startNatsServer();
    const transport = new NatsTransport({ servers: broker.url });
    const connection = await transport.open();
    const told: string[] = [];
    const listen = (name: string, queueGroup?: string) =>
      connection.subscribe(name, {
        queueGroup,
        onMessage: ({ subject }) => void told.push(`${subject} came`),
        onGap: (reason) => void told.push(`${name} ${reason}`),
      });
    const [one, shared, gone] = [listen("one"), listen("shared", "group"), listen("gone")];
    const before = one.ready;
    await Promise.all([before, shared.ready, gone.ready]);
    await broker.kill();
    await until("the loss", () => transport.status === "reconnecting");
    const after = one.ready;
    assert.ok(after !== before);
    const late = listen("late");
    gone.unsubscribe();
    assert.equal(told, []);
    await broker.restart();
    await Promise.all([after, shared.ready, late.ready]);
    assert.equal(told.sort(), ["one outage", "shared outage"]);
    connection.send("one", new Uint8Array(0));
    await until("a message after the gap", () => told.includes("one came"));
    await connection.close();
    await one.ready.catch(() => {});
    await gone.ready;
  });

  test("is back within its longest delay after an outage of a second", { timeoutMs: 20_000 }, async () => {
    await using broker = await startNatsServer();
    const client = await connectEcho(new NatsTransport({ servers: broker.url }));
    await broker.kill();
    await client.request("say", { text: "?" }, { timeoutMs: 1_000 }).catch(() => {});
    await broker.restart();
    const start = performance.now();
    await until("the return", () => client.status === "connected");
    const tookMs = performance.now() - start;
    assert.ok(tookMs < 2_500, `${tookMs} ms`);
    await client.disconnect();
  });

  test("takes back at the broker what was unsubscribed while the connection came back", async () => {
    const heard: string[] = [];
    let answers = true;
    let socket: Socket | undefined;
    await using server = await startStrangeServer((opened) => {
      socket = opened;
      let pings = 0;
      opened.write(greeting);
      opened.on("data", (data) => {
        heard.push(...String(data).split("\r\n"));
        const asked = String(data).match(/^PING\r$/gm)?.length ?? 0;
        // The first of a connection ends the greeting, the second the subscriptions.
        for (let ping = 0; ping < asked; ping++) if (answers || pings++ === 0) opened.write("PONG\r\n");
      });
    });
    const connection = await new NatsTransport({ servers: `nats://127.0.0.1:${server.port}` }).open();
    const subscription = connection.subscribe("a", { queueGroup: "group", onMessage: () => {} });
    await subscription.ready;
    answers = false;
    heard.length = 0;
    socket!.destroy();
    await until("the subscription of the second connection", () => heard.includes("SUB a group 2"));
    subscription.unsubscribe();
    socket!.write("PONG\r\n");
    await until("its end", () => heard.includes("UNSUB 2"));
    answers = true;
    await connection.close();
  });

  test("gives up a server that falls silent after its greeting, when connecting and when it comes back", async () => {
    await using silent = await startSilentAfterGreeting();
    const servers = `nats://127.0.0.1:${silent.port}`;
    const client = createMessagingClient({
      contract: echo,
      transport: new NatsTransport({ servers, connectTimeoutMs: 300 }),
    });
    const start = performance.now();
    await expectRejection(client.connect(), { code: "DISCONNECTED" });
    const tookMs = performance.now() - start;
    assert.ok(tookMs < 1_000, `${tookMs} ms`);
    await until("the end of the dial", () => silent.open === 0);

    await using broker = await startNatsServer();
    const other = createMessagingClient({
      contract: echo,
      transport: new NatsTransport({ servers: [broker.url, servers], connectTimeoutMs: 300 }),
    });
    await other.connect();
    await broker.kill();
    await until("the dial to the silent one", () => silent.open === 1);
    await broker.restart();
    await until("the return", () => other.status === "connected");
    await other.disconnect();
    await until("the end of all dials", () => silent.open === 0);
  });
});

const greeting = `INFO {"version":"2.15.2","headers":true,"max_payload":1000}\r\n`;

/** Says what a NATS server says, answers one `PING`, and nothing after that. */
function startSilentAfterGreeting(): Promise<StrangeServer> {
  return startStrangeServer((socket) => {
    socket.write(greeting);
    socket.once("data", () => socket.write("PONG\r\n"));
  });
}
