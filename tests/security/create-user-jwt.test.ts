import { createAccount, createUser, decode } from "@nats-io/jwt";
import { credsAuthenticator } from "@nats-io/nats-core";
import * as assert from "uvu/assert";
import { createMessagingClient, NatsTransport } from "../../mod.ts";
import { brokerPermissions } from "../../src/security/broker-permissions.ts";
import { createUserJwt, type UserCredentials, type UserJwtOptions } from "../../src/security/create-user-jwt.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { checkMatrix, serveEveryone } from "./broker-matrix.ts";
import { HostileClient } from "./hostile-client.ts";
import { makeOperator, seedOf, type TestOperator } from "./operator.ts";
import { roleNames, shop } from "./shop.ts";

const expiresInMs = 60_000;

function transportOf(broker: NatsServer, { creds, inboxPrefix }: UserCredentials): NatsTransport {
  return new NatsTransport({ servers: broker.url, authentication: { creds: creds! }, inboxPrefix });
}

function rawOf(
  broker: NatsServer,
  { creds }: UserCredentials,
): { servers: string; authenticator: ReturnType<typeof credsAuthenticator> } {
  return { servers: broker.url, authenticator: credsAuthenticator(new TextEncoder().encode(creds)) };
}

function issuerOf({ account, signingKeySeed }: TestOperator): Pick<UserJwtOptions, "issuerAccount" | "signingKeySeed"> {
  return { issuerAccount: account, signingKeySeed };
}

describe("createUserJwt()", (test) => {
  const account = createAccount();
  const signingKeySeed = seedOf(account);

  test("says who the user is, what it may do and until when", async () => {
    const clock = new FakeClock();
    const made = await createUserJwt(shop, {
      name: "ann@example.com",
      role: "clerk",
      signingKeySeed,
      expiresInMs,
      tags: { Tenant: "Acme Ltd" },
      clock,
    });
    const claims = decode<Record<string, unknown>>(made.jwt);
    assert.is(made.inboxPrefix, "_INBOX.ann=40example=2Ecom");
    assert.is(claims.name, "ann=40example=2Ecom");
    assert.is(claims.iss, account.getPublicKey());
    assert.is(claims.sub, made.publicKey);
    assert.is((claims as { exp?: number }).exp, Math.ceil((clock.date() + expiresInMs) / 1000));
    assert.is(made.expiresAt, Math.ceil((clock.date() + expiresInMs) / 1000) * 1000);
    const expected = brokerPermissions(shop, { role: "clerk", inboxPrefix: made.inboxPrefix });
    assert.equal(claims.nats["pub"], expected.publish);
    assert.equal(claims.nats["sub"], expected.subscribe);
    assert.equal(claims.nats["tags"], ["tenant:Acme=20Ltd"]);
    assert.match(made.creds!, made.jwt);
    assert.match(made.creds!, made.seed!);
  });

  test("makes no seed for a user that brings its public key, and other permissions join", async () => {
    const pair = createUser();
    const made = await createUserJwt(shop, {
      name: "reader",
      durable: "billing",
      inboxPrefix: "_INBOX_reader",
      also: [brokerPermissions(shop, { role: "viewer", inboxPrefix: "_INBOX_reader" })],
      signingKeySeed,
      dangerouslyNeverExpires: true,
      publicKey: pair.getPublicKey(),
    });
    assert.equal(Object.keys(made).sort(), ["inboxPrefix", "jwt", "publicKey"]);
    const { allow } = decode<{ pub: { allow: string[] } }>(made.jwt).nats.pub!;
    assert.ok(allow.some((subject) => subject.startsWith("$JS.API.CONSUMER.MSG.NEXT.SHOP_V2")));
    assert.ok(allow.includes("shop.v2.request.findItem"));
  });

  test("makes a gateway's user, whose inbox services answer to by default", async () => {
    const made = await createUserJwt(shop, { name: "edge", gateway: true, signingKeySeed, expiresInMs });
    assert.is(made.inboxPrefix, "_INBOX.edge");
    const expected = brokerPermissions(shop, { gateway: true, inboxPrefix: made.inboxPrefix });
    assert.equal(decode<{ pub: unknown; sub: unknown }>(made.jwt).nats.pub, expected.publish);
  });

  test("wants an end, not too far away, and keys that are keys; no text has a part of a seed", async () => {
    const good = { name: "ann", role: "clerk", signingKeySeed, expiresInMs };
    const broken = `${signingKeySeed.slice(0, 40)}AAAAAAAAAAAAAAAAAA`;
    const refused: [object, RegExp][] = [
      [{ expiresInMs: undefined }, /expiresInMs.*dangerouslyNeverExpires/],
      [{ expiresInMs: 0 }, /expiresInMs/],
      [{ expiresInMs: Infinity }, /expiresInMs/],
      [{ expiresInMs: 86_400_001 }, /maximumLifetimeMs/],
      [{ expiresInMs: 2_000, maximumLifetimeMs: 1_000 }, /maximumLifetimeMs/],
      [{ signingKeySeed: broken }, /not well-formed/],
      [{ signingKeySeed: signingKeySeed.slice(0, -1) }, /signingKeySeed/],
      [{ signingKeySeed: seedOf(createUser()) }, /signingKeySeed/],
      [{ signingKeySeed: undefined }, /signingKeySeed/],
      [{ issuerAccount: createUser().getPublicKey() }, /issuerAccount/],
      [{ publicKey: account.getPublicKey() }, /publicKey/],
      [{ publicKey: `U${"A".repeat(55)}` }, /not well-formed/],
      [{ scoped: true }, /issuerAccount/],
      [{ name: "" }, /name/],
      [{ name: "x".repeat(129) }, /name/],
      [{ role: "boss" }, /role "boss"/],
      [{ tags: { "a:b": "c" } }, /tag/],
      [{ tags: { a: "" } }, /tag/],
    ];
    for (const [change, message] of refused) {
      const error = await expectRejection(createUserJwt(shop, { ...good, ...change }), { message });
      assert.instance(error, TypeError);
      const text = `${(error as Error).stack}${JSON.stringify(error)}${(error as Error).cause}`;
      for (const seed of [signingKeySeed, broken]) assert.not.ok(text.includes(seed.slice(8, 20)), text);
    }
  });
});

describeWithNatsServer("a broker in operator mode with createUserJwt()", {}, (test) => {
  test("allows each role what the contract says and nothing else", { timeoutMs: 60_000 }, async () => {
    const operator = await makeOperator();
    await using broker = await startNatsServer({ jetstream: true, config: operator.config });
    const issuer = issuerOf(operator);
    const service = await createUserJwt(shop, { name: "shop", service: true, expiresInMs, ...issuer });
    const made = await Promise.all(
      roleNames.map(async (role) =>
        [role, await createUserJwt(shop, { name: role, role, expiresInMs, ...issuer })] as const
      ),
    );
    const users = new Map(made);
    const { allowed, refused, attempts } = await checkMatrix({
      service: transportOf(broker, service),
      user: (role) => {
        const credentials = users.get(role)!;
        const { inboxPrefix } = credentials;
        return { transport: transportOf(broker, credentials), raw: rawOf(broker, credentials), inboxPrefix };
      },
    });
    console.log(
      `4 roles × 12 operations with user JWTs: ${allowed} allowed, ${refused} refused; ${attempts} hostile attempts refused`,
    );
    assert.is(allowed + refused, 48);
  });

  test("takes the next JWT before the first ends, and ends the user with the last", { timeoutMs: 20_000 }, async () => {
    const operator = await makeOperator();
    await using broker = await startNatsServer({ jetstream: true, config: operator.config });
    const make = (expiresInMs: number): Promise<UserCredentials> =>
      createUserJwt(shop, { name: "ann", role: "clerk", expiresInMs, signingKeySeed: operator.accountSeed });
    const shown: string[] = [];
    const second = make(4_000);
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: {
        creds: async () => {
          shown.push((await (shown.length === 0 ? make(2_000) : second)).creds!);
          return shown.at(-1)!;
        },
      },
      inboxPrefix: "_INBOX.ann",
    });
    await using client = createMessagingClient({ contract: shop, transport });
    const reasons: (string | undefined)[] = [];
    client.onStatus((_, error) => void reasons.push(error?.message));
    await client.connect();
    await until("the second", () => shown.length >= 2);
    assert.is(client.status, "connected");
    await until("its end", () => client.status === "reconnecting", 10_000);
    assert.ok(reasons.some((reason) => /expired/i.test(reason ?? "")), reasons.join());
  });

  test("fills a scoped key's template in for each user: who has the key makes users of that kind only", async () => {
    const template = brokerPermissions(shop, {
      role: "manager",
      inboxPrefix: "_INBOX.{{name()}}",
      params: { tenant: "{{tag(tenant)}}" },
    });
    const operator = await makeOperator({ template });
    await using broker = await startNatsServer({ jetstream: true, config: operator.config });
    const { account, scopedSeed } = operator;
    const service = await createUserJwt(shop, { name: "shop", service: true, expiresInMs, ...issuerOf(operator) });
    const server = await serveEveryone(transportOf(broker, service));
    const ann = await createUserJwt(shop, {
      name: "ann@example.com",
      role: "manager",
      scoped: true,
      issuerAccount: account,
      signingKeySeed: scopedSeed!,
      expiresInMs,
      tags: { tenant: "Acme Ltd." },
    });
    await using client = createMessagingClient({ contract: shop, transport: transportOf(broker, ann) });
    await client.connect();
    assert.equal(await client.request("closeDay", { text: "1" }), { text: "closeDay 1" });
    const heard: string[] = [];
    const params = { tenant: "Acme Ltd." };
    await client.subscribe("orderFlagged", { params }, ({ tenant }) => void heard.push(tenant)).ready;
    await server.broadcast("orderFlagged", { tenant: "globex", id: "1" });
    await server.broadcast("orderFlagged", { tenant: "Acme Ltd.", id: "1" });
    await until("the tenant's event", () => heard.length > 0);
    assert.equal(heard, ["Acme Ltd."]);
    await using hostile = await HostileClient.connect(rawOf(broker, ann));
    assert.ok(await hostile.subscribeIsRefused("shop.v2.event.orderFlagged.globex.*"));
    assert.ok(await hostile.subscribeIsRefused("shop.v2.event.orderFlagged.*.*"));
    assert.ok(await hostile.subscribeIsRefused("_INBOX.shop.>"));
    await server.stop();

    const more = await createUserJwt(shop, {
      name: "eve",
      service: true,
      issuerAccount: account,
      signingKeySeed: scopedSeed!,
      expiresInMs,
    });
    await expectRejection(HostileClient.connect(rawOf(broker, more)), { message: /authorization/i });
  });
});
