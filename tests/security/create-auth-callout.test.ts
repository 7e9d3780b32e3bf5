import { createAccount, createServer, createUser, encode, encodeUser, fromSeed } from "@nats-io/jwt";
import { createCurve, fromCurveSeed } from "@nats-io/nkeys";
import { tokenAuthenticator } from "@nats-io/nats-core";
import * as assert from "uvu/assert";
import {
  type Actor,
  type Authenticate,
  createMessagingClient,
  type Logger,
  NatsTransport,
  silentLogger,
} from "../../mod.ts";
import type { AuthCalloutOptions } from "../../src/security/auth-callout-options.ts";
import { brokerPermissions } from "../../src/security/broker-permissions.ts";
import { type AuthCallout, createAuthCallout } from "../../src/security/create-auth-callout.ts";
import { createUserJwt } from "../../src/security/create-user-jwt.ts";
import { natsServerConfig } from "../../src/security/nats-server-config.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { checkMatrix, serveEveryone } from "./broker-matrix.ts";
import { HostileClient } from "./hostile-client.ts";
import { makeOperator, seedOf } from "./operator.ts";
import { roleNames, shop } from "./shop.ts";
import { shopService } from "./shop-broker.ts";

const needs = { minimumVersion: "2.10.0" };
const curve = createCurve();
const xkeySeed = new TextDecoder().decode(curve.getSeed());

/** Tokens are `role of id`; what an identity provider would say can be changed while a test runs. */
class Directory {
  readonly actors = new Map<string, Actor>(roleNames.map((role) => [`${role}-token`, { id: role, roles: [role] }]));
  readonly asked: (string | undefined)[] = [];

  readonly authenticate: Authenticate = ({ token }) => {
    this.asked.push(token);
    return token === undefined ? undefined : this.actors.get(token);
  };
}

interface World extends AsyncDisposable {
  readonly broker: NatsServer;
  readonly callout: AuthCallout;
  readonly directory: Directory;
  transport(token: string, inboxPrefix: string): NatsTransport;
}

/** A broker that asks our callout about everyone but the callout and the shop's service. */
async function startWorld(
  options: Partial<AuthCalloutOptions> = {},
  xkey?: string,
  more = "",
): Promise<World> {
  const issuer = createAccount();
  const config = natsServerConfig(shop, {
    users: [
      { user: "callout", password: "callout-password", authCallout: true },
      { user: "shop", password: "service-password", service: true },
    ],
    authCallout: { issuer: issuer.getPublicKey(), ...(xkey === undefined ? {} : { xkey }) },
  });
  const broker = await startNatsServer({ jetstream: true, config: config + more });
  const directory = new Directory();
  const callout = createAuthCallout({
    contracts: [shop],
    transport: new NatsTransport({
      servers: broker.url,
      authentication: { user: "callout", password: "callout-password" },
      inboxPrefix: "_INBOX_callout",
    }),
    authenticate: directory.authenticate,
    signingKeySeed: seedOf(issuer),
    ...options,
  });
  await callout.start();
  return {
    broker,
    callout,
    directory,
    transport: (token, inboxPrefix) =>
      new NatsTransport({ servers: broker.url, authentication: { token }, inboxPrefix }),
    [Symbol.asyncDispose]: async () => {
      await callout.stop();
      await broker.stop();
    },
  };
}

function rawWith(
  broker: NatsServer,
  token: string,
): { servers: string; authenticator: ReturnType<typeof tokenAuthenticator> } {
  return { servers: broker.url, authenticator: tokenAuthenticator(token) };
}

function logOf(entries: string[]): Logger {
  const take = (message: string, fields?: object): void => void entries.push(`${message} ${JSON.stringify(fields)}`);
  return { ...silentLogger, debug: take, info: take, warn: take, error: take };
}

describeWithNatsServer("a broker with createAuthCallout()", needs, (test) => {
  for (const encrypted of [false, true]) {
    const how = encrypted ? "with questions and answers encrypted" : "asked in plain";
    test(`allows each role what the contract says and nothing else, ${how}`, { timeoutMs: 60_000 }, async () => {
      await using world = await startWorld(encrypted ? { xkeySeed } : {}, encrypted ? curve.getPublicKey() : undefined);
      const { broker } = world;
      const { allowed, refused, attempts } = await checkMatrix({
        service: shopService(broker),
        user: (role) => ({
          transport: world.transport(`${role}-token`, `_INBOX.${role}`),
          raw: rawWith(broker, `${role}-token`),
          inboxPrefix: `_INBOX.${role}`,
        }),
      });
      console.log(
        `4 roles × 12 operations by auth callout, ${how}: ${allowed} allowed, ${refused} refused; ${attempts} hostile attempts refused`,
      );
      assert.is(allowed + refused, 48);
    });
  }

  test("lets nobody in with a wrong token, none, or another's password, and shows no token in its log", async () => {
    const log: string[] = [];
    await using world = await startWorld({ logger: logOf(log) });
    const { broker, directory } = world;
    const secret = "wrong-token-of-eve";
    const error = await expectRejection(world.transport(secret, "_INBOX.eve").open(), { code: "UNAUTHENTICATED" });
    assert.not.match(String((error as Error).stack), secret);
    await expectRejection(HostileClient.connect({ servers: broker.url }));
    await expectRejection(HostileClient.connect({ servers: broker.url, user: "callout", pass: secret }));
    await expectRejection(HostileClient.connect({ servers: broker.url, user: "viewer-token" }));
    assert.ok(directory.asked.includes(secret) && directory.asked.includes(undefined));
    assert.ok(log.some((line) => /refused/.test(line)), log.join("\n"));
    assert.not.ok(log.some((line) => line.includes(secret)), log.join("\n"));
    await using byPassword = await HostileClient.connect({ servers: broker.url, user: "any", pass: "viewer-token" });
    assert.not.ok(await byPassword.publishIsRefused("shop.v2.request.findItem"));
    assert.ok(await byPassword.publishIsRefused("shop.v2.request.createOrder"));
  });

  test("takes a role away with the next connection, and a user with the one after", async () => {
    await using world = await startWorld();
    const { broker, directory } = world;
    const server = await serveEveryone(shopService(broker));
    await using client = createMessagingClient({
      contract: shop,
      transport: world.transport("manager-token", "_INBOX.manager"),
    });
    await client.connect();
    assert.equal(await client.request("closeDay", { text: "1" }), { text: "closeDay 1" });
    const reconnect = async (): Promise<void> => {
      await broker.restart();
      await until("everyone is back", () => client.status === "connected" && server.status === "connected");
    };
    directory.actors.set("manager-token", { id: "manager", roles: ["viewer"] });
    await reconnect();
    await expectRejection(client.request("closeDay", { text: "2" }), { code: "FORBIDDEN" });
    assert.equal(await client.request("findItem", { text: "3" }), { text: "findItem 3" });
    directory.actors.delete("manager-token");
    const refusals: unknown[] = [];
    client.onStatus((_, error) => void refusals.push(error));
    await broker.restart();
    await until("the server is back", () => server.status === "connected");
    const asked = directory.asked.length;
    await until("the client has tried again", () => directory.asked.length > asked + 1);
    assert.is(client.status, "reconnecting");
    await expectRejection(client.request("findItem", { text: "4" }, { timeoutMs: 300 }));
    await server.stop();
  });

  test("ends a connection with the token's own end, or with the session", { timeoutMs: 20_000 }, async () => {
    await using world = await startWorld({ sessionMs: 1_000 });
    const { directory } = world;
    const connected = async (token: string): Promise<number> => {
      const { connection } = await HostileClient.connect(rawWith(world.broker, token));
      const start = performance.now();
      await connection.closed();
      return performance.now() - start;
    };
    assert.ok(await connected("viewer-token") < 4_000);
    directory.actors.set("short", {
      id: "short",
      roles: ["viewer"],
      claims: { exp: Math.floor(Date.now() / 1000) + 2 },
    });
    assert.ok(await connected("short") < 4_000);
    directory.actors.set("old", { id: "old", roles: ["viewer"], claims: { exp: Math.floor(Date.now() / 1000) } });
    await expectRejection(HostileClient.connect(rawWith(world.broker, "old")));
  });

  test("gives users of any id an inbox of their own, a tenant, and what is named besides", async () => {
    await using world = await startWorld({
      params: ({ claims }) => ({ tenant: claims!["tenant"] as string }),
      also: ({ id }, inboxPrefix) =>
        id.startsWith("reader") ? [brokerPermissions(shop, { durable: "billing", inboxPrefix })] : [],
    });
    const { broker, directory } = world;
    const ids = ["ann@example.com", "a.b", ">", "*", "_INBOX", "auth0|5", "日本", "reader", "shop", "x y"];
    for (const id of ids) directory.actors.set(id, { id, roles: ["manager"], claims: { tenant: id } });
    directory.actors.set("homeless", { id: "homeless", roles: ["manager"], claims: {} });
    for (const id of ids) {
      await using hostile = await HostileClient.connect({ servers: broker.url, user: "x", pass: id });
      assert.ok(await hostile.subscribeIsRefused(">"), id);
      assert.ok(await hostile.subscribeIsRefused("_INBOX.>"), id);
      assert.ok(await hostile.subscribeIsRefused("_INBOX.*.*"), id);
      assert.ok(await hostile.subscribeIsRefused("_INBOX_shop.>"), id);
      assert.ok(await hostile.subscribeIsRefused("shop.v2.event.orderFlagged.*.*"), id);
      assert.ok(await hostile.subscribeIsRefused("shop.v2.event.orderFlagged.victim.*"), id);
      const reads = !await hostile.publishIsRefused("$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.billing=orderMoved");
      assert.is(reads, id === "reader", id);
    }
    await expectRejection(HostileClient.connect(rawWith(broker, "homeless")), { message: /authorization/i });
  });

  test(
    "refuses who may use nothing, whose verification fails, and whose takes too long",
    { timeoutMs: 20_000 },
    async () => {
      const log: string[] = [];
      const hanging = new Promise<never>(() => {});
      const directory: Record<string, Actor | Promise<never>> = {
        hangs: hanging,
        nameless: { id: "", roles: ["manager"] },
        long: { id: "x".repeat(200), roles: ["manager"] },
      };
      await using world = await startWorld({
        timeoutMs: 200,
        logger: logOf(log),
        authenticate: ({ token }) => {
          if (token === "throws") throw new Error("the directory is away");
          return directory[token!];
        },
      });
      for (const token of ["hangs", "throws", "nameless", "long", "unknown"]) {
        const error = await expectRejection(HostileClient.connect(rawWith(world.broker, token)));
        assert.match(String(error), /authorization/i, token);
      }
      assert.ok(log.some((line) => /deciding about it failed/.test(line)));
    },
  );

  test("answers what it took before it leaves, and nobody after", async () => {
    let decide = (): void => {};
    let started = (): void => {};
    const running = new Promise<void>((resolve) => started = resolve);
    await using world = await startWorld({
      authenticate: () =>
        new Promise((resolve) => {
          decide = () => resolve({ id: "ann", roles: ["viewer"] });
          started();
        }),
    });
    const connecting = HostileClient.connect(rawWith(world.broker, "any"));
    await running;
    const stopping = world.callout.stop();
    decide();
    await using client = await connecting;
    assert.not.ok(await client.publishIsRefused("shop.v2.request.findItem"));
    await stopping;
    await world.callout.stop();
  });
});

describeWithNatsServer("a broker in operator mode with createAuthCallout()", needs, (test) => {
  test("puts its users into the account, by a signing key and encrypted", { timeoutMs: 20_000 }, async () => {
    const calloutUser = createUser();
    const operator = await makeOperator({
      fields: () => ({
        authorization: { auth_users: [calloutUser.getPublicKey()], xkey: curve.getPublicKey() },
      }),
    });
    const { account, signingKeySeed } = operator;
    const sentinel = createUser();
    const sentinelJwt = await encodeUser(
      "sentinel",
      sentinel,
      fromSeed(new TextEncoder().encode(operator.accountSeed)),
      { bearer_token: true, pub: { deny: [">"] }, sub: { deny: [">"] } },
    );
    await using broker = await startNatsServer({
      jetstream: true,
      config: `${operator.config}\ndefault_sentinel: ${sentinelJwt}`,
    });
    const directory = new Directory();
    const minted = await encodeUser("callout", calloutUser, fromSeed(new TextEncoder().encode(operator.accountSeed)), {
      sub: { allow: ["$SYS.REQ.USER.AUTH", "_INBOX_callout.>"] },
      pub: { allow: ["$SYS._INBOX.*.*"] },
    });
    await using callout = createAuthCallout({
      contracts: [shop],
      transport: new NatsTransport({
        servers: broker.url,
        authentication: { jwt: minted, nkeySeed: seedOf(calloutUser) },
        inboxPrefix: "_INBOX_callout",
      }),
      authenticate: directory.authenticate,
      signingKeySeed,
      issuerAccount: account,
      xkeySeed,
    });
    await callout.start();
    await using client = await HostileClient.connect(rawWith(broker, "clerk-token"));
    assert.not.ok(await client.publishIsRefused("shop.v2.request.createOrder"));
    assert.ok(await client.publishIsRefused("shop.v2.request.cancelOrder"));
    assert.ok(await client.subscribeIsRefused("_INBOX.viewer.>"));
    await expectRejection(HostileClient.connect(rawWith(broker, "wrong")));
    // Whoever has credentials of its own is asked about, too.
    const own = await createUserJwt(shop, {
      name: "eve",
      role: "manager",
      signingKeySeed,
      issuerAccount: account,
      expiresInMs: 60_000,
    });
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: { creds: own.creds! },
      inboxPrefix: own.inboxPrefix,
    });
    await expectRejection(transport.open(), { code: "UNAUTHENTICATED" });
  });
});

describeWithNatsServer("a hostile question to an auth callout", needs, (test) => {
  test("gets no answer: not from a server, for another issuer, too old, in plain, or to be answered elsewhere", async () => {
    const log: string[] = [];
    const issuer = createAccount();
    const admin = `{ user: "admin", password: "admin-password" }`;
    await using broker = await startNatsServer({ config: `authorization { users = [${admin}] }` });
    const directory = new Directory();
    const common = {
      contracts: [shop],
      authenticate: directory.authenticate,
      signingKeySeed: seedOf(issuer),
      logger: logOf(log),
    };
    const authentication = { user: "admin", password: "admin-password" };
    const transport = new NatsTransport({ servers: broker.url, authentication });
    const server = createServer();
    const user = createUser();
    const now = Math.floor(Date.now() / 1000);
    const question = (change: object = {}, nats: object = {}, signer = server): Promise<string> =>
      encode("ed25519-nkey" as never, {
        aud: "nats-authorization-request",
        sub: issuer.getPublicKey(),
        exp: now + 30,
        nats: {
          type: "authorization_request",
          server_id: { id: server.getPublicKey() },
          user_nkey: user.getPublicKey(),
          client_info: {},
          connect_opts: { auth_token: "manager-token" },
          ...nats,
        },
        ...change,
      } as never, signer);
    await using hostile = await HostileClient.connect({ servers: broker.url, user: "admin", pass: "admin-password" });
    const everything = await hostile.listen(">");
    const ask = (text: string | Uint8Array, reply?: string): void =>
      hostile.connection.publish("$SYS.REQ.USER.AUTH", text, reply === undefined ? {} : { reply });
    {
      await using callout = createAuthCallout({ ...common, transport });
      await callout.start();
      const good = await question();
      const [head, , signature] = good.split(".");
      const [, other] = (await question({ exp: now + 60 })).split(".");
      const bad: (string | Uint8Array)[] = [
        "",
        "x",
        "{}",
        "a.b.c",
        new Uint8Array([255, 254, 0]),
        `${head}.${other}.${signature}`,
        `${head}.${good.split(".")[1]}.`,
        await question({}, {}, createUser()),
        await question({}, {}, createServer()),
        await question({ sub: createAccount().getPublicKey() }),
        await question({ sub: undefined }),
        await question({ aud: "other" }),
        await question({ exp: now - 5 }),
        await question({ exp: undefined }),
        await question({}, { type: "user" }),
        await question({}, { server_id: { id: createServer().getPublicKey() } }),
        await question({}, { server_id: null }),
        await question({}, { user_nkey: issuer.getPublicKey() }),
        await question({}, { user_nkey: undefined }),
        await question({}, { connect_opts: null, user_nkey: 5 }),
      ];
      for (const [index, text] of bad.entries()) ask(text, `$SYS._INBOX.bad.${index}`);
      for (
        const reply of [undefined, "$JS.API.STREAM.PURGE.X", "shop.v2.event.announced", "_INBOX.a.b", "$SYS.REQ.X"]
      ) {
        ask(good, reply);
      }
      ask(good, "$SYS._INBOX.good.1");
      await until("the good one is answered", () => everything.subjects.includes("$SYS._INBOX.good.1"));
      await callout.stop();
      await hostile.connection.flush();
      const answered = everything.subjects.filter((subject) => subject !== "$SYS.REQ.USER.AUTH");
      assert.equal(answered, ["$SYS._INBOX.good.1"]);
      assert.equal(directory.asked, ["manager-token"]);
      console.log(`${bad.length + 5} hostile questions to the auth callout: 0 answered`);
    }
    {
      await using callout = createAuthCallout({ ...common, transport, xkeySeed });
      await callout.start();
      const stranger = createCurve();
      const text = new TextEncoder().encode(
        await question({}, { server_id: { id: server.getPublicKey(), xkey: stranger.getPublicKey() } }),
      );
      const sealed = fromCurveSeed(stranger.getSeed()).seal(text, curve.getPublicKey());
      ask(text, "$SYS._INBOX.plain.1");
      ask(await question(), "$SYS._INBOX.plain.2");
      ask(sealed, "$SYS._INBOX.sealed.1");
      ask(new Uint8Array(100), "$SYS._INBOX.noise.1");
      await hostile.connection.flush();
      await callout.stop();
      await hostile.connection.flush();
      assert.is(everything.subjects.filter((subject) => /plain|sealed|noise/.test(subject)).length, 0);
      assert.equal(directory.asked, ["manager-token"], "of the good one only");
    }
  });
});

describe("createAuthCallout()", (test) => {
  test("refuses options that cannot work, and shows no seed", async () => {
    const signingKeySeed = seedOf(createAccount());
    const transport = new NatsTransport({ servers: "nats://127.0.0.1:1" });
    const good = { contracts: [shop], transport, authenticate: () => undefined, signingKeySeed };
    const refused: [object, RegExp][] = [
      [{ contracts: [] }, /contracts/],
      [{ signingKeySeed: seedOf(createUser()) }, /signingKeySeed/],
      [{ issuerAccount: "A" }, /issuerAccount/],
      [{ xkeySeed: signingKeySeed }, /xkeySeed/],
      [{ sessionMs: 0 }, /sessionMs/],
      [{ timeoutMs: Number.NaN }, /timeoutMs/],
      [{ concurrency: -1 }, /concurrency/],
    ];
    for (const [change, message] of refused) assert.throws(() => createAuthCallout({ ...good, ...change }), message);
    const broken = `${signingKeySeed.slice(0, 40)}AAAAAAAAAAAAAAAAAA`;
    const error = await expectRejection(createAuthCallout({ ...good, signingKeySeed: broken }).start(), {
      message: /well-formed/,
    });
    assert.not.ok(`${(error as Error).stack}${(error as Error).cause}`.includes(broken.slice(8, 20)));
    const away = createAuthCallout(good);
    await expectRejection(away.start(), { code: "DISCONNECTED" });
    await away.stop();
  });
});
