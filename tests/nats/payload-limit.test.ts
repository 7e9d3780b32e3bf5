import * as assert from "uvu/assert";
import { isMessagingError, MessageHeaders, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

/** A request whose body has so many bytes. */
const bodyOf = (bytes: number): { text: string } => ({ text: "x".repeat(bytes - '{"text":""}'.length) });

async function tooLarge(promise: Promise<unknown>, bytes: number, maxBytes: number): Promise<void> {
  const error = await expectRejection(promise, {
    code: "PAYLOAD_TOO_LARGE",
    message: /"(say|heard|raw)" has \d+ bytes/,
  });
  assert.ok(isMessagingError(error));
  assert.equal([error.data, error.execution], [{ bytes, maxBytes }, "not-executed"]);
}

describeWithNatsServer("A message over the broker's limit", {}, (test) => {
  test("is refused here with both numbers, connected and while the connection is away, to the byte", async () => {
    await using broker = await startNatsServer({ config: "max_payload: 1024" });
    const transport = new NatsTransport({ servers: broker.url });
    await using server = await serveEcho(transport);
    await using client = await connectEcho(transport);
    const statuses: string[] = [];
    client.onStatus((status) => void statuses.push(status));
    assert.equal(await client.request("say", bodyOf(1_024)), bodyOf(1_024));
    await tooLarge(client.request("say", bodyOf(1_025)), 1_025, 1_024);
    const raw = await transport.open();
    const headers = MessageHeaders.from({ "X-One": "1" });
    const block = "NATS/1.0\r\nX-One: 1\r\n\r\n".length;
    const publish = (bytes: number) =>
      raw.publish("raw", new Uint8Array(bytes), { timeoutMs: 1_000, operation: "raw", headers });
    await publish(1_024 - block);
    await tooLarge(publish(1_025 - block), 1_025, 1_024);
    assert.equal(statuses, []);
    await broker.kill();
    await until("the loss", () => client.status === "reconnecting");
    await tooLarge(client.request("say", bodyOf(1_025)), 1_025, 1_024);
    const kept = client.request("say", bodyOf(1_024));
    await broker.restart();
    assert.equal(await kept, bodyOf(1_024));
    assert.is(server.status, "connected");
    await raw.close();
  });

  test("is refused when it waited for the connection and the broker that comes takes less", async () => {
    await using broker = await startNatsServer({ config: "max_payload: 1024" });
    const transport = new NatsTransport({ servers: broker.url });
    await using server = await serveEcho(transport);
    await using client = await connectEcho(transport);
    await broker.kill();
    await until("the loss", () => client.status === "reconnecting");
    const [large, small] = [client.request("say", bodyOf(900)), client.request("say", bodyOf(500))];
    large.catch(() => {});
    await broker.restart({ config: "max_payload: 512" });
    await tooLarge(large, 900, 512);
    assert.equal(await small, bodyOf(500));
    await tooLarge(client.request("say", bodyOf(513)), 513, 512);
    assert.is(server.status, "connected");
  });
});
