// What a real cluster does too fast to be seen: both ends of a move are played by the test.
import type { Socket } from "node:net";
import * as assert from "uvu/assert";
import { NatsTransport, type NatsTransportOptions, type TransportConnection } from "../../mod.ts";
import { describe } from "../support/suite.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { until } from "../support/until.ts";

const info = { version: "2.15.2", headers: true, max_payload: 1_000 };

/** A server that greets, keeps what it hears line by line, and answers each `PING` unless it is told to hold. */
async function startPlayedServer() {
  const heard: string[] = [];
  const state = { hold: false, held: 0 };
  let socket: Socket | undefined;
  const server = await startStrangeServer((opened) => {
    socket = opened;
    opened.write(`INFO ${JSON.stringify(info)}\r\n`);
    opened.on("data", (data) => {
      for (const line of String(data).split("\r\n")) {
        if (line !== "PING") heard.push(line);
        else if (state.hold) state.held += 1;
        else opened.write("PONG\r\n");
      }
    });
  });
  return {
    server,
    heard,
    url: `nats://127.0.0.1:${server.port}`,
    hold: () => void (state.hold = true),
    release: () => {
      state.hold = false;
      for (; state.held > 0; state.held--) socket!.write("PONG\r\n");
    },
    get held() {
      return state.held;
    },
    send: (text: string) => void socket!.write(text),
    end: () => void socket!.destroy(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A connection to the first of two servers, with a subscription and a member of a group. */
async function startScene(options: NatsTransportOptions = {}) {
  const [old, next] = [await startPlayedServer(), await startPlayedServer()];
  const transport = new NatsTransport({ servers: [old.url, next.url], ...options });
  const connection = await transport.open();
  const gaps: string[] = [];
  const subscribe = (subject: string, queueGroup?: string) =>
    connection.subscribe(subject, { queueGroup, onMessage: () => {}, onGap: (reason) => void gaps.push(reason) });
  await Promise.all([subscribe("plain").ready, subscribe("shared", "group").ready]);
  return {
    old,
    next,
    transport,
    connection,
    gaps,
    leave: () => old.send(`INFO ${JSON.stringify({ ...info, ldm: true })}\r\n`),
    [Symbol.asyncDispose]: async () => {
      old.release();
      next.release();
      await connection.close();
      await Promise.all([old[Symbol.asyncDispose](), next[Symbol.asyncDispose]()]);
    },
  };
}

function ask(connection: TransportConnection, requestId: string): Promise<string> {
  const options = { requestId, timeoutMs: 5_000, operation: "ask" };
  return connection.request("ask", new Uint8Array(0), options).then(({ body }) => new TextDecoder().decode(body));
}

const isListening = (heard: readonly string[], subject: string): boolean =>
  heard.some((line) => line.startsWith(`SUB ${subject} `));

describe("A move to another server", (test) => {
  test("takes a subscription back from the old one, and tells the next one when that has said so", async () => {
    await using scene = await startScene();
    const { old, next, gaps } = scene;
    old.hold();
    scene.leave();
    await until("the question behind the last UNSUB", () => old.heard.includes("UNSUB 2") && old.held > 0);
    assert.ok(isListening(next.heard, "shared"), "a group may have both");
    assert.ok(next.heard.some((line) => line.startsWith("SUB _INBOX.")), "answers may come by both");
    assert.not(isListening(next.heard, "plain"));
    assert.not(old.heard.some((line) => line === "UNSUB 1"), "answers still come by the old one");
    assert.equal(gaps, []);
    old.release();
    await until("the subscription", () => isListening(next.heard, "plain"));
    await until("the gap", () => gaps.length > 0);
    assert.equal(gaps, ["moved"]);
  });

  test("stays with the old one for an answer that comes by it, and asks the next one from then on", async () => {
    await using scene = await startScene();
    const { old, next, connection } = scene;
    const early = ask(connection, "early");
    const replySubject = await until("the request", () => {
      return old.heard.find((line) => line.startsWith("PUB ask "))?.split(" ")[2];
    });
    scene.leave();
    await until("the move", () => scene.gaps.length === 1);
    const late = ask(connection, "late");
    await until("the next request", () => next.heard.some((line) => line.startsWith("PUB ask ")));
    assert.is(old.server.open, 1);
    old.send(`MSG ${replySubject} 1 3\r\nold\r\n`);
    assert.is(await early, "old");
    next.send(`MSG ${replySubject.replace("early", "late")} 1 3\r\nnew\r\n`);
    assert.is(await late, "new");
    await until("the end of the old connection", () => old.server.open === 0);
    assert.is(scene.transport.status, "connected");
  });

  test("is given up for an ordinary return when the old one is lost in the middle of it", async () => {
    await using scene = await startScene();
    const { old, next, transport } = scene;
    next.hold();
    scene.leave();
    await until("the question to the next one", () => next.held > 0);
    const statuses: string[] = [];
    transport.onStatus((status) => void statuses.push(status));
    old.end();
    await until("the loss and the return", () => statuses.length === 2);
    next.release();
    await until("the gaps", () => scene.gaps.length === 2);
    assert.equal(scene.gaps, ["outage", "outage"]);
    assert.equal(statuses, ["reconnecting", "connected"]);
    await until("one connection only", () => old.server.open + next.server.open === 1);
  });

  test("leaves everything with the old one when the next one is lost in the middle of it", async () => {
    await using scene = await startScene();
    const { old, next, gaps } = scene;
    old.hold();
    scene.leave();
    await until("the question behind the last UNSUB", () => old.heard.includes("UNSUB 2") && old.held > 0);
    old.heard.length = 0;
    const statuses: string[] = [];
    scene.transport.onStatus((status) => void statuses.push(status));
    next.send("-ERR 'no more'\r\n");
    await until("the end of the next one", () => next.server.open === 0);
    old.release();
    await until("the subscriptions, again", () => isListening(old.heard, "plain") && isListening(old.heard, "shared"));
    await until("the move, at last", () => gaps.includes("moved"));
    assert.equal(statuses, []);
  });

  test("leaves nothing open after close(), also where the old one says nothing more", async () => {
    const scene = await startScene({ connectTimeoutMs: 200 });
    const { old, next, connection } = scene;
    const unanswered = ask(connection, "early").catch(() => {});
    await until("the request", () => old.heard.some((line) => line.startsWith("PUB ask ")));
    old.hold();
    scene.leave();
    await until("the subscription", () => isListening(next.heard, "plain"));
    assert.is(old.server.open, 1);
    await connection.close();
    await unanswered;
    await until("the end of both", () => old.server.open + next.server.open === 0, 500);
    await scene[Symbol.asyncDispose]();
  });

  test("is ended by close(), in the middle of it", async () => {
    const scene = await startScene();
    const { old, next, connection } = scene;
    old.hold();
    scene.leave();
    await until("the question behind the last UNSUB", () => old.heard.includes("UNSUB 2") && old.held > 0);
    const start = performance.now();
    await connection.close();
    assert.ok(performance.now() - start < 1_500);
    await until("the end of both", () => old.server.open + next.server.open === 0);
    await scene[Symbol.asyncDispose]();
  });
});
