// NATS is a text protocol: a line break in a name is a command. Every text that the API takes either comes back equal or
// is refused, and a spy that hears everything on the broker hears nothing that was not meant.
import * as assert from "uvu/assert";
import { createMessagingServer, type EventContext } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, echo } from "../support/echo.ts";
import { type AnyCall, injectionStrings, promptly, startInjectionScene } from "../support/injection-scene.ts";
import { type StringSink, tryStrings } from "../support/try-strings.ts";

describeWithNatsServer("500 hostile strings", {}, (test) => {
  test("as names, fields and parameters come back equal or are refused", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene();
    const { client, server } = scene;
    const waiting = new Map<string, (context: EventContext) => void>();
    await client.subscribe("moved", ({ region, id }, context) => waiting.get(`${region}|${id}`)?.(context)).ready;
    const moved = async (region: string, id: string): Promise<EventContext> => {
      const heard = new Promise<EventContext>((resolve) => waiting.set(`${region}|${id}`, resolve));
      await server.broadcast("moved", { region, id });
      return await heard;
    };
    const sinks: StringSink[] = [
      { name: "request name", pass: (text) => (client.request as AnyCall)(text, { text: "?" }) },
      { name: "event name to hear", pass: (text) => (client.subscribe as unknown as AnyCall)(text, () => {}) },
      { name: "event name to read", pass: (text) => (client.events as unknown as AnyCall)(text) },
      { name: "event name to tell", pass: (text) => (server.broadcast as AnyCall)(text, { number: 1 }) },
      { name: "handler name", pass: (text) => (server.registerHandler as unknown as AnyCall)(text, () => {}) },
      { name: "data", pass: async (text) => assert.equal(await client.request("say", { text }), { text }) },
      { name: "first field", pass: async (text) => assert.is((await moved(text, "1")).params["region"], text) },
      { name: "last field", pass: async (text) => assert.is((await moved("last", text)).params["id"], text) },
      {
        name: "parameter name",
        pass: (text) => client.subscribe("moved", { params: { [text]: "1" } }, () => {}).ready,
      },
      {
        name: "parameter",
        pass: async (text) => {
          const heard: string[] = [];
          const subscription = client.subscribe("moved", { params: { id: text } }, ({ id }) => void heard.push(id));
          await subscription.ready;
          await moved("parameter", text);
          await subscription.unsubscribe();
          assert.equal(heard, [text]);
        },
      },
      {
        name: "queue group",
        pass: async (text) => {
          const heard: number[] = [];
          const subscribe = () =>
            client.subscribe("heard", { queueGroup: text }, ({ number }) => void heard.push(number));
          const members = [subscribe(), subscribe()];
          await Promise.all(members.map(({ ready }) => ready));
          const number = members.length + Math.random();
          await server.broadcast("heard", { number });
          await scene.canary();
          await Promise.all(members.map((member) => member.unsubscribe()));
          assert.is(heard.filter((one) => one === number).length, 1);
        },
      },
    ];
    await scene.finish("names, fields, parameters", await tryStrings(injectionStrings, sinks, scene.canary, promptly));
  });

  test(
    "as tokens, keys, headers, traces and durations come back equal or are refused",
    { timeoutMs: 60_000 },
    async () => {
      await using scene = await startInjectionScene();
      const { transport } = scene;
      const namespace = "headers";
      const calls = new Map<
        string,
        { token: string | undefined; key: string | undefined; get: (name: string) => string | undefined }
      >();
      const server = createMessagingServer({
        contract: echo,
        transport,
        namespace,
        authenticate: ({ token }) => ({ id: token ?? "nobody", roles: [] }),
      });
      server.registerHandler("say", ({ text }, { actor, headers, idempotencyKey }) => {
        calls.set(text, { token: actor.id, key: idempotencyKey, get: (name) => headers.get(name) });
        return { text };
      });
      await server.start({ partial: true });
      await using client = await connectEcho(transport, { namespace });
      let current = "";
      await using bearer = await connectEcho(transport, { namespace, token: () => current });
      let number = 0;
      const seen = async (caller: typeof client, options: object) => {
        const text = String(number++);
        await caller.request("say", { text }, options);
        return calls.get(text)!;
      };
      const broadcast = async (headers: Record<string, string>) => {
        const id = String(number++);
        await using stream = client.events("moved", { params: { id } });
        await stream.ready;
        await server.broadcast("moved", { region: "r", id }, { headers });
        return (await stream.next()).value!.context.headers;
      };
      const parent = { deadline: Date.now() + 600_000, signal: new AbortController().signal };
      const sinks: StringSink[] = [
        {
          name: "token",
          pass: async (text) => {
            await using own = await connectEcho(transport, { namespace, token: text });
            assert.is((await seen(own, {})).token, text);
          },
        },
        {
          name: "token function",
          pass: async (text) => (current = text, assert.is((await seen(bearer, {})).token, text)),
        },
        { name: "key", pass: async (text) => assert.is((await seen(client, { idempotencyKey: text })).key, text) },
        {
          name: "header name",
          pass: async (text) => assert.is((await seen(client, { headers: { [text]: "1" } })).get(text), "1"),
        },
        {
          name: "header value",
          pass: async (text) => assert.is((await seen(client, { headers: { "X-A": text } })).get("X-A"), text.trim()),
        },
        {
          name: "event header name",
          pass: async (text) => assert.is((await broadcast({ [text]: "1" })).get(text), "1"),
        },
        {
          name: "event header value",
          pass: async (text) => assert.is((await broadcast({ "X-A": text })).get("X-A"), text.trim()),
        },
        {
          name: "trace",
          pass: async (text) =>
            assert.not((await seen(client, { parent: { ...parent, traceparent: text } })).get("traceparent")),
        },
        { name: "timeoutMs", pass: (text) => seen(client, { timeoutMs: text }) },
        {
          name: "event timeoutMs",
          pass: (text) => (server.broadcast as AnyCall)("heard", { number: 1 }, { timeoutMs: text }),
        },
      ];
      const tried = await tryStrings(injectionStrings, sinks, scene.canary, promptly);
      assert.equal([tried.passed["timeoutMs"], tried.passed["event timeoutMs"]], [undefined, undefined]);
      await server.stop();
      await scene.finish("tokens, keys, headers", tried);
    },
  );
});
