import * as assert from "uvu/assert";
import { createMessagingClient, isMessagingError, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { createDeskServer, deskContract } from "../transport-behaviour/desk.ts";

const config = `authorization {
  users = [
    { user: service, password: s }
    { user: ann, password: a, permissions: { publish: ["desk.>"], subscribe: ["_INBOX_ann.>"] } }
  ]
}`;

describeWithNatsServer("request()", {}, (test) => {
  test("request() rejects with FORBIDDEN at once, and nothing runs, where the broker lets no answers in", async () => {
    await using broker = await startNatsServer({ config });
    const connect = (options: NatsTransportOptions) => new NatsTransport({ servers: broker.url, ...options });
    const service = connect({ authentication: { user: "service", password: "s" } });
    const { server, seen } = createDeskServer({ name: "nats", connect: () => service }, "desk");
    await using _server = server;
    await server.start();
    const as = (inboxPrefix?: string) =>
      createMessagingClient({
        contract: deskContract,
        namespace: "desk",
        transport: connect({
          authentication: { user: "ann", password: "a" },
          ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
        }),
      });
    const deaf = as();
    const hearing = as("_INBOX_ann");
    await using _deaf = deaf;
    await using _hearing = hearing;
    await Promise.all([deaf.connect(), hearing.connect()]);
    const error = await expectRejection(deaf.request("echo", 1), { code: "FORBIDDEN", message: /inboxPrefix/ });
    assert.is(isMessagingError(error) && error.execution, "not-executed");
    assert.is(await hearing.request("echo", 2), 2);
    assert.equal(seen.get("echo"), [2]);
  });
});
