// nats.js keeps one factory of transports for the whole process, and every dial of every connection reads it: code that
// calls `wsconnect` anywhere makes the TCP connections of nats.js dial with WebSockets. NatsTransport must not care, and
// must not do it to others.
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { connectForeign, connectionKinds, type ForeignKind } from "../support/foreign-connection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

const restarts = 10;
const answerLimitMs = 3_000;

async function echoOver(transport: NatsTransport, namespace: string) {
  const service = await serveEcho(transport, { namespace });
  const client = await connectEcho(transport, { namespace, timeoutMs: answerLimitMs });
  const other = namespace === "a" ? "b" : "a";
  const crossing = await connectEcho(transport, { namespace: other, timeoutMs: answerLimitMs });
  return {
    ask: async (text: string) => assert.equal(await client.request("say", { text }), { text }),
    askOther: async (text: string) => assert.equal(await crossing.request("say", { text }), { text }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.disconnect(), crossing.disconnect(), service.stop()]);
    },
  };
}

describeWithNatsServer("NatsTransport", {}, (test) => {
  test(
    "keeps its own kind of connection through ten restarts, whatever nats.js dials with",
    { timeoutMs: 60_000 },
    async () => {
      await using server = await startNatsServer({ websocket: true, monitoring: true });
      await connectForeign(server, "websocket");
      await using tcp = await echoOver(new NatsTransport({ servers: server.url, name: "own-tcp" }), "a");
      await connectForeign(server, "nats");
      await using websocket = await echoOver(
        new NatsTransport({ servers: server.websocketUrl, name: "own-websocket" }),
        "b",
      );
      await connectForeign(server, "websocket");

      const times: Record<ForeignKind, number[]> = { nats: [], websocket: [] };
      for (let restart = 0; restart < restarts; restart++) {
        const foreign = restart % 2 === 0 ? "nats" : "websocket";
        await server.kill();
        await connectForeign(server, foreign).catch(() => {});
        await server.restart();
        const back = performance.now();
        await Promise.all(([["nats", tcp], ["websocket", websocket]] as const).map(async ([kind, own]) => {
          await own.ask(`after restart ${restart}`);
          times[kind].push(Math.round(performance.now() - back));
        }));
        assert.ok(Math.max(times.nats[restart]!, times.websocket[restart]!) < answerLimitMs, JSON.stringify(times));
        await Promise.all([tcp.askOther("from TCP to WebSocket"), websocket.askOther("from WebSocket to TCP")]);
        await connectForeign(server, foreign);
        assert.equal(await connectionKinds(server, ["own-tcp", "own-websocket"]), {
          "own-tcp": ["nats"],
          "own-websocket": ["websocket"],
        });
      }
      assert.is(times.nats.length + times.websocket.length, 2 * restarts);
      console.log(`ms from restart to answer: TCP ${times.nats.join(" ")}; WebSocket ${times.websocket.join(" ")}`);
    },
  );

  test("leaves the dials of nats.js as they are", { timeoutMs: 30_000 }, async () => {
    await using server = await startNatsServer({ websocket: true, monitoring: true });
    const websocket = new NatsTransport({ servers: server.websocketUrl, name: "own-websocket" });
    const [own, foreign] = await Promise.all([echoOver(websocket, "b"), connectForeign(server, "nats", true)]);
    await using _own = own;
    try {
      foreign.subscribe("foreign", { callback: (_, message) => void message.respond(message.data) });
      for (let round = 0; round < 2; round++) {
        const answer = await until(
          "an answer over nats.js",
          () => foreign.request("foreign", "alive").catch(() => undefined),
        );
        assert.is(answer.string(), "alive");
        await own.ask("alive");
        assert.equal(await connectionKinds(server, ["foreign", "own-websocket"]), {
          "foreign": ["nats"],
          "own-websocket": ["websocket"],
        });
        await server.restart();
      }
    } finally {
      await foreign.close();
    }
  });
});
