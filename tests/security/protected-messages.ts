import { createUser } from "@nats-io/nkeys";
import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract, createMessagingClient, createMessagingServer, type TransportMessage } from "../../mod.ts";
import { createNkeyAuthenticator } from "../../src/security/create-nkey-authenticator.ts";
import { createNkeySigner } from "../../src/security/create-nkey-signer.ts";
import { createPayloadEncryption } from "../../src/security/create-payload-encryption.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { openDesk, ownNamespace, until } from "../transport-behaviour/desk.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";

const keys = { one: btoa("1".repeat(32)), two: btoa("2".repeat(32)) };

const vault = createContract({
  name: "vault",
  version: "1.0.0",
  roles: { owner: {} },
  requests: { read: { request: v.object({ owner: v.string() }), response: v.string(), access: ["owner"] } },
});

/** Encryption and signatures on the whole way, over one kind of transport. */
export function protectedMessages(kind: TransportKind): void {
  describe(`${kind.name}: protected messages`, (test) => {
    test("nothing of a request, an answer, an error or an event stands in the open", async () => {
      const encryption = () => createPayloadEncryption({ keys, current: "one" });
      await using desk = await openDesk(kind, {
        server: { encryption: encryption() },
        client: { encryption: encryption() },
      });
      const seen: string[] = [];
      const spy = await kind.connect().open();
      const decoder = new TextDecoder("latin1");
      const note = ({ headerBlock, body }: TransportMessage): void => {
        seen.push(decoder.decode(headerBlock) + decoder.decode(body));
      };
      try {
        await spy.subscribe(`${desk.namespace}.>`, { onMessage: note }).ready;
        await spy.subscribe("_INBOX.>", { onMessage: note }).ready;
        const heard: unknown[] = [];
        await desk.client.subscribe("moved", { params: { region: "eu" } }, (event) => void heard.push(event)).ready;
        assert.is(await desk.client.request("echo", "top secret"), "top secret");
        await expectRejection(desk.client.request("order", { sku: "none" }), { code: "OUT_OF_STOCK" });
        await expectRejection(desk.client.request("order", { sku: "secret" }), { code: "INTERNAL" });
        await desk.server.broadcast("moved", { id: "top secret", region: "eu", step: 1 });
        await until(() => heard.length === 1);
        assert.equal(heard, [{ id: "top secret", region: "eu", step: 1 }]);
        await until(() => seen.length >= 7);
        assert.ok(seen.every((text) => text.includes("Mb-Encryption: v1;A256GCM;kid=one")), seen.join("\n"));
        assert.not.match(seen.join("\n"), /top secret|"sku"|Not enough stock/);
      } finally {
        await spy.close();
      }
    });

    test("plaintext is refused on both sides where encryption is required", async () => {
      const encryption = createPayloadEncryption({ keys, current: "one" });
      await using plainClient = await openDesk(kind, { server: { encryption } });
      await expectRejection(plainClient.client.request("echo", 1));
      assert.is(plainClient.seen.get("echo"), undefined);
      await using plainServer = await openDesk(kind, { client: { encryption } });
      await expectRejection(plainServer.client.request("echo", 1));
    });

    test("another key is refused, and a key that both have opens while another encrypts", async () => {
      const server = createPayloadEncryption({ keys, current: "two" });
      await using other = await openDesk(kind, {
        server: { encryption: createPayloadEncryption({ keys: { one: keys.two }, current: "one" }) },
        client: { encryption: createPayloadEncryption({ keys: { one: keys.one }, current: "one" }) },
      });
      await expectRejection(other.client.request("echo", 1), { code: "DECRYPTION_FAILED" });
      await using rotated = await openDesk(kind, {
        server: { encryption: server },
        client: { encryption: createPayloadEncryption({ keys, current: "one" }) },
      });
      assert.is(await rotated.client.request("echo", "both"), "both");
    });

    test("a signed request gives the key's actor, with retries and encryption too; an unsigned one is refused", async () => {
      const user = createUser();
      const namespace = ownNamespace();
      const encryption = createPayloadEncryption({ keys, current: "one" });
      const server = createMessagingServer({
        contract: vault,
        transport: kind.connect(),
        namespace,
        encryption,
        authenticate: createNkeyAuthenticator({ keys: { [user.getPublicKey()]: { id: "ann", roles: ["owner"] } } }),
        authorize: ({ data, actor }) => (data as { owner: string }).owner === actor.id,
      });
      server.registerHandler(
        "read",
        ({ owner }, { actor }) => `${owner} by ${actor.id} ${actor.can("vault.read")} ${actor.can("vault.x")}`,
      );
      await using _server = server;
      await server.start();
      const signer = createNkeySigner({ seed: new TextDecoder().decode(user.getSeed()) });
      const signed = createMessagingClient({
        contract: vault,
        transport: kind.connect(),
        namespace,
        encryption,
        signer,
      });
      const unsigned = createMessagingClient({ contract: vault, transport: kind.connect(), namespace, encryption });
      await using _signed = signed;
      await using _unsigned = unsigned;
      await Promise.all([signed.connect(), unsigned.connect()]);
      assert.is(await signed.request("read", { owner: "ann" }), "ann by ann true false");
      await expectRejection(signed.request("read", { owner: "bob" }), { code: "FORBIDDEN" });
      await expectRejection(unsigned.request("read", { owner: "ann" }), { code: "UNAUTHENTICATED" });
    });
  });
}
