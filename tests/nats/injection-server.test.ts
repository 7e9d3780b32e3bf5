import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  type HandlerContext,
  isMessagingError,
  MessagingError,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, type Echo, echo, serveEcho } from "../support/echo.ts";
import { injectionStrings, isEchoSubject, promptly, startInjectionScene } from "../support/injection-scene.ts";
import { describe } from "../support/suite.ts";
import { type StringSink, tryStrings } from "../support/try-strings.ts";

/** What any broker takes as a subject as it is; only the raw transport sends such. */
const plainSubject = /^[\x21-\x29\x2b-\x3d\x3f-\x7e]+$/;
const sent = new Set(injectionStrings.filter((text) => plainSubject.test(text)));
const empty = new Uint8Array(0);

describeWithNatsServer("500 hostile strings", {}, (test) => {
  test("as options of servers and clients come back equal or are refused", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene();
    const { transport } = scene;
    const refused = (make: (text: string) => unknown) => (text: string) => {
      make(text);
      throw new Error("was taken");
    };
    const client = (options: object) => createMessagingClient({ contract: echo, transport, ...options });
    const server = (options: object) => createMessagingServer({ contract: echo, transport, ...options });
    const sinks: StringSink[] = [
      {
        name: "namespace",
        pass: async (namespace) => {
          await using _server = await serveEcho(transport, { namespace });
          await using own = await connectEcho(transport, { namespace });
          assert.equal(await own.request("say", { text: namespace }), { text: namespace });
        },
      },
      {
        name: "queue group of a server",
        pass: async (queueGroup) =>
          void await serveEcho(transport, { queueGroup, namespace: "q" }).then((one) => one.stop()),
      },
      {
        name: "description",
        pass: async (description) =>
          void await serveEcho(transport, { description, namespace: "d" }).then((one) => one.stop()),
      },
      {
        name: "queue group before connect",
        pass: async (queueGroup) => {
          await using own = client({});
          try {
            own.subscribe("heard", { queueGroup }, () => {});
          } finally {
            await own.connect().catch((error: unknown) => {
              throw new Error("connect() failed because of it", { cause: error });
            });
          }
        },
      },
      { name: "timeoutMs of a client", pass: refused((timeoutMs) => client({ timeoutMs })) },
      { name: "attempts", pass: refused((attempts) => client({ retry: { attempts } })) },
      { name: "concurrency", pass: refused((concurrency) => server({ concurrency })) },
      { name: "queueLimit", pass: refused((queueLimit) => server({ queueLimit })) },
      {
        name: "concurrency of a subscription",
        pass: refused((concurrency) => scene.client.subscribe("heard", { concurrency } as object, () => {})),
      },
      {
        name: "graceMs",
        pass: async (graceMs) => await (await serveEcho(transport, { namespace: "g" })).stop({ graceMs } as object),
      },
    ];
    await scene.finish("options", await tryStrings(injectionStrings, sinks, scene.canary, promptly));
  });

  test("as what handlers throw come back equal or are hidden", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene();
    const { transport } = scene;
    const namespace = "errors";
    const thrown = new Map<string, (context?: HandlerContext<Echo, "say">) => unknown>();
    const server = createMessagingServer({
      contract: echo,
      transport,
      namespace,
      authenticate: (_, { requestId }) => {
        if (requestId.startsWith("denied")) throw thrown.get(requestId)!();
        return { id: "somebody", roles: [] };
      },
    });
    server.registerHandler("say", ({ text }, context) => {
      throw thrown.get(text)!(context);
    });
    await server.start({ partial: true });
    await using client = await connectEcho(transport, { namespace, token: "token" });
    let number = 0;
    const failure = async (error: (context?: HandlerContext<Echo, "say">) => unknown, prefix = "") => {
      const text = prefix + String(number++);
      thrown.set(text, error);
      const caught: unknown = await client.request("say", { text }, { idempotencyKey: text }).catch((error) => error);
      assert.ok(isMessagingError(caught), String(caught));
      return caught;
    };
    const hidden = (make: (text: string) => unknown, prefix?: string) => async (text: string) => {
      const { code, message, data, correlationId } = await failure(() => make(text), prefix);
      const told = `The service failed; its logger has the reason under ${correlationId}`;
      assert.equal({ code, message, data }, { code: "INTERNAL", message: told, data: undefined });
      assert.match(correlationId!, /^[\w-]{16,64}$/);
    };
    const sinks: StringSink[] = [
      {
        name: "message",
        pass: async (text) => {
          const { code, message } = await failure((context) => context!.error("REFUSED", { text: "" }, text));
          assert.is(code, "REFUSED");
          const told = text === ""
            ? "The service answered with an error and no text"
            : text.slice(0, 1_024).toWellFormed();
          assert.is(message, told);
        },
      },
      {
        name: "data",
        pass: async (text) => {
          const { code, data } = await failure((context) => context!.error("REFUSED", { text }));
          assert.equal({ code, data }, { code: "REFUSED", data: { text } });
        },
      },
      { name: "code", pass: hidden((text) => new MessagingError(text, "hostile code")) },
      { name: "a text", pass: hidden((text) => text) },
      { name: "an error", pass: hidden((text) => new Error(text)) },
      { name: "a code from authenticate", pass: hidden((text) => new MessagingError(text, "hostile"), "denied") },
    ];
    const tried = await tryStrings(injectionStrings, sinks, scene.canary, promptly);
    assert.equal(tried.refused, {});
    await server.stop();
    await scene.finish("errors", tried);
  });

  test("through the raw transport are subjects as they are or refused", { timeoutMs: 60_000 }, async () => {
    await using scene = await startInjectionScene((subject) => isEchoSubject(subject) || sent.has(subject));
    const connection = await scene.transport.open();
    let number = 0;
    const request = (subject: string, requestId: string) =>
      connection.request(subject, empty, { requestId, operation: "raw", timeoutMs: 20 }).catch((error: unknown) => {
        // The spy hears it, so somebody is there, and says nothing.
        if (!isMessagingError(error, "TIMEOUT")) throw error;
      });
    const listen = async (subject: string, queueGroup?: string) => {
      const subscription = connection.subscribe(subject, { queueGroup, onMessage: () => {} });
      await subscription.ready;
      subscription.unsubscribe();
    };
    const sinks: StringSink[] = [
      { name: "publish()", pass: (text) => connection.publish(text, empty, { operation: "raw", timeoutMs: 1_000 }) },
      { name: "send()", pass: (text) => connection.send(text, empty) },
      { name: "request()", pass: (text) => request(text, `id${number++}`) },
      { name: "request id", pass: (text) => request("echo.v1.request.ask", text) },
      { name: "subscribe()", pass: (text) => listen(text) },
      { name: "queue group", pass: (text) => listen("echo.v1.event.heard", text) },
    ];
    const tried = await tryStrings(injectionStrings, sinks, scene.canary, promptly);
    for (const name of ["publish()", "send()", "request()"]) assert.ok(tried.passed[name]! <= sent.size, name);
    await connection.close();
    await scene.finish("raw transport", tried);
  });
});

describe("500 hostile strings", (test) => {
  test("as names of a contract are refused unless they are subject tokens", () => {
    const schema = v.object({ field: v.string() });
    const request = { request: schema, response: schema };
    const plainToken = /^[A-Za-z0-9_-]{1,128}$/;
    const uses: Readonly<Record<string, (text: string) => unknown>> = {
      name: (name) => createContract({ name, version: "1.0.0" }),
      request: (name) =>
        createContract({ name: "c", version: "1.0.0", requests: Object.fromEntries([[name, request]]) }),
      event: (name) => createContract({ name: "c", version: "1.0.0", events: Object.fromEntries([[name, schema]]) }),
      subject: (subject) =>
        createContract({ name: "c", version: "1.0.0", events: { e: { schema, subject } } } as never),
    };
    const strict: Readonly<Record<string, (text: string) => unknown>> = {
      version: (version) => createContract({ name: "c", version }),
      parameter: (text) =>
        createContract({ name: "c", version: "1.0.0", events: { e: { schema, subject: `{${text}}` } } } as never),
      error: (code) =>
        createContract({ name: "c", version: "1.0.0", errors: Object.fromEntries([[code, {}]]) } as never),
    };
    for (const text of injectionStrings) {
      for (const [name, use] of Object.entries({ ...uses, ...strict })) {
        const tokens = name === "subject" ? text.split(".") : [text];
        if (name in uses && tokens.every((token) => plainToken.test(token))) use(text);
        else assert.throws(() => use(text), (error: unknown) => error instanceof TypeError, `${name} ${text}`);
      }
    }
  });
});
