import * as assert from "uvu/assert";
import { createMessagingServer, NatsTransport, type RequestHandler } from "../../mod.ts";
import { connectEcho, type Echo, echo } from "./echo.ts";
import { startNatsServer } from "./nats-server.ts";
import { RawPeer } from "./raw-peer.ts";
import { Silence } from "./silence.ts";
import { SubjectSpy } from "./subject-spy.ts";

/** How many messages the stream has that a hostile request could purge. */
export const keptMessages = 5;
const saySubject = "echo.v1.request.say";
const canaries = 50;

/** What {@linkcode startServedScene} gives. */
export type ServedScene = Awaited<ReturnType<typeof startServedScene>>;

/** Options of {@linkcode startServedScene}. */
export interface ServedSceneOptions {
  /** What the handler does. @default says it back */
  readonly work?: RequestHandler<Echo, "say">;
  /** How the server connects. */
  readonly url?: "url" | "websocketUrl";
  /** Whether there is a stream to lose. */
  readonly jetstream?: boolean;
}

/** A broker, a server, a client that always gets through, a raw peer, and a spy. */
export async function startServedScene(options: ServedSceneOptions = {}) {
  const { work = (request) => request, url = "url", jetstream = false } = options;
  const broker = await startNatsServer({ jetstream, websocket: true, config: "max_payload: 4MB" });
  const peer = await RawPeer.connect(broker.port);
  if (jetstream) {
    await peer.request("$JS.API.STREAM.CREATE.KEPT", '{"name":"KEPT","subjects":["kept.>"]}');
    for (let message = 0; message < keptMessages; message++) await peer.request("kept.it", "x");
  }
  const spy = await SubjectSpy.start(broker.port, (subject) => {
    return subject === saySubject ||
      /^(?:_INBOX\.[\w-]+\.[\w-]+|\$SRV\.STATS\.echo|\$JS\.API\.STREAM\.INFO\.KEPT)$/.test(subject);
  });
  const seen = { handled: 0 };
  const server = createMessagingServer({ contract: echo, transport: new NatsTransport({ servers: broker[url] }) });
  server.registerHandler("say", (request, context) => {
    if (request.text !== "canary") seen.handled += 1;
    return work(request, context);
  });
  await server.start({ partial: true });
  const client = await connectEcho(new NatsTransport({ servers: broker.url }));
  const silence = new Silence();
  return {
    peer,
    spy,
    seen,
    client,
    /** What discovery says of the server's requests. */
    statistics: async () => {
      const { body } = await peer.request("$SRV.STATS.echo");
      return JSON.parse(String(body)).endpoints[0] as { num_requests: number; num_errors: number; last_error: string };
    },
    /** Others are still served, and nothing went where it should not. */
    goesOn: async () => {
      const answers = Array.from({ length: canaries }, () => client.request("say", { text: "canary" }));
      await Promise.all(answers);
      await spy.catchUp();
      assert.equal(spy.unexpected, []);
      assert.equal(silence.broken, []);
      assert.is(server.status, "connected");
    },
    keptMessages: async () => {
      const { body } = await peer.request("$JS.API.STREAM.INFO.KEPT");
      return JSON.parse(String(body)).state.messages as number;
    },
    [Symbol.asyncDispose]: async () => {
      silence[Symbol.dispose]();
      spy[Symbol.dispose]();
      peer.close();
      await Promise.all([client.disconnect(), server.stop({ graceMs: 100 })]);
      await broker.stop();
    },
  };
}
