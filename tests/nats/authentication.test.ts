import { inspect } from "node:util";
import * as assert from "uvu/assert";
import {
  createMessagingClient,
  isMessagingError,
  type NatsAuthentication,
  type NatsCredentials,
  NatsTransport,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, echo, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { makeJwtIdentities, makeNkeyUser } from "../support/nats-identities.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";

type Texts = Readonly<Record<string, string>>;

/** One way to show who connects, and a broker that knows it. */
interface Kind {
  readonly name: string;
  readonly config: string;
  readonly right: Texts;
  readonly wrong: readonly Texts[];
}

const { nkeySeed, publicKey } = makeNkeyUser();
const identities = await makeJwtIdentities();
const strangers = await makeJwtIdentities();
const { creds, ...user } = await identities.user("ann");
const { creds: strangeCreds, ...stranger } = await strangers.user("ann");
const { creds: expiredCreds, ...expired } = await identities.user("ann", -60_000);
const passwords = (password: string) => `authorization { users: [{ user: "ann", password: "${password}" }] }`;

const kinds: readonly Kind[] = [
  {
    name: "user and password",
    config: passwords("secret-ann"),
    right: { user: "ann", password: "secret-ann" },
    wrong: [{ user: "ann", password: "secret-bob" }, { user: "secret-user", password: "secret-ann" }],
  },
  {
    name: "token",
    config: 'authorization { token: "secret-token" }',
    right: { token: "secret-token" },
    wrong: [{ token: "secret-tokem" }],
  },
  {
    name: "nkeySeed",
    config: `authorization { users: [{ nkey: "${publicKey}" }] }`,
    right: { nkeySeed },
    wrong: [{ nkeySeed: makeNkeyUser().nkeySeed }, { nkeySeed: nkeySeed.slice(0, -1) }, { nkeySeed: "secret-seed" }],
  },
  {
    name: "jwt and nkeySeed",
    config: identities.config,
    right: user,
    wrong: [stranger, expired, { jwt: user.jwt, nkeySeed }, { jwt: "secret-jwt", nkeySeed: user.nkeySeed }],
  },
  {
    name: "creds",
    config: identities.config,
    right: { creds },
    wrong: [{ creds: strangeCreds }, { creds: expiredCreds }, { creds: creds.replace(/SU/, "SX") }, {
      creds: "secret-creds",
    }],
  },
];

/** The same texts as values, and behind functions of each kind. */
function everyForm(texts: Texts): readonly NatsAuthentication[] {
  const each = (wrap: (text: string) => unknown): NatsCredentials =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, wrap(text)]));
  return [
    each((text) => text),
    each((text) => () => text),
    each((text) => () => Promise.resolve(text)),
    () => each((text) => text),
    () => Promise.resolve(each((text) => () => Promise.resolve(text))),
  ];
}

/** Connects, is served, and leaves. */
async function useEcho(broker: NatsServer, authentication: NatsAuthentication): Promise<void> {
  const transport = new NatsTransport({ servers: broker.url, authentication, connectTimeoutMs: 1_000 });
  const [server, client] = [await serveEcho(transport), await connectEcho(transport)];
  assert.equal(await client.request("say", { text: "in" }), { text: "in" });
  await Promise.all([client.disconnect(), server.stop()]);
}

/** Everything of an error that a log could show. */
function shown(error: unknown): string {
  return `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(error)}`;
}

/** The parts of secret texts that must not be shown: whole, and lines of a text of many. */
function secretsOf(texts: Texts): readonly string[] {
  const secrets = Object.entries(texts).filter(([name]) => name !== "user").flatMap(([, text]) => text.split("\n"));
  return secrets.filter((secret) => secret.length > 8 && !secret.includes("-----") && !/^\*|NKEYs? /.test(secret));
}

describeWithNatsServer("NatsTransport", {}, (test) => {
  for (const { name, config, right, wrong } of kinds) {
    test(`connects with ${name} in every form`, async () => {
      await using broker = await startNatsServer({ config });
      for (const authentication of everyForm(right)) await useEcho(broker, authentication);
    });

    test(`rejects with UNAUTHENTICATED for a wrong ${name}, and shows none of it`, async () => {
      await using broker = await startNatsServer({ config });
      for (const texts of wrong) {
        for (const authentication of everyForm(texts)) {
          const error = await expectRejection(useEcho(broker, authentication), { code: "UNAUTHENTICATED" });
          for (const secret of secretsOf(texts)) assert.not(shown(error).includes(secret), shown(error));
        }
      }
      await expectRejection(useEcho(broker, {}), { code: "UNAUTHENTICATED" });
      assert.equal(broker.log.text.includes("Parse"), false);
    });
  }

  test("asks its functions before every dial, and comes back when they give what is right by then", async () => {
    await using broker = await startNatsServer({ config: passwords("first") });
    let password = "first";
    let asked = 0;
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: () => ({ user: "ann", password: () => (asked += 1, Promise.resolve(password)) }),
    });
    const client = await connectEcho(transport);
    const told: string[] = [];
    client.onStatus((status) => told.push(status));
    assert.is(asked, 1);
    await broker.reload(passwords("second"));
    // Refused again and again: nats.js is closed for good after the second refusal.
    await until("the third refusal", () => asked >= 4);
    password = "second";
    await until("the return", () => client.status === "connected");
    await client.disconnect();
    assert.equal(told, ["reconnecting", "connected", "closed"]);
  });
});

describeWithNatsServer("authentication functions", {}, (test) => {
  const failing: Readonly<Record<string, () => unknown>> = {
    throw: () => {
      throw new Error("the vault said secret-of-vault");
    },
    reject: () => Promise.reject(new Error("the vault said secret-of-vault")),
    "never settle": () => new Promise(() => {}),
    "give undefined": () => undefined,
    "give a number": () => 12_345_678,
    "give an empty text": () => "",
    "reject with undefined": () => Promise.reject(undefined),
  };

  for (const [name, ask] of Object.entries(failing)) {
    test(`that ${name} reject connect() with UNAUTHENTICATED in time`, async () => {
      await using broker = await startNatsServer({ config: passwords("secret-ann") });
      const given: readonly unknown[] = [{ user: "ann", password: ask }, { token: ask }, { creds: ask }, {
        nkeySeed: ask,
      }];
      for (const authentication of name === "give undefined" ? given : [...given, ask]) {
        const transport = new NatsTransport({
          servers: broker.url,
          authentication: authentication as NatsAuthentication,
          connectTimeoutMs: 200,
        });
        const start = performance.now();
        const client = createMessagingClient({ contract: echo, transport });
        const error = await expectRejection(client.connect(), { code: "UNAUTHENTICATED" });
        assert.ok(performance.now() - start < 1_000);
        assert.ok(isMessagingError(error) && !`${error.message} ${JSON.stringify(error)}`.includes("secret"));
      }
    });
  }
});

describe("authentication", (test) => {
  test("of two kinds rejects with UNAUTHENTICATED and shows neither", async () => {
    const authentication = { user: "ann", password: "secret-a", token: "secret-b" };
    const error = await expectRejection(new NatsTransport({ authentication }).open(), {
      code: "UNAUTHENTICATED",
      message: /one kind of credentials/,
    });
    assert.not.match(shown(error), /secret-/);
  });
});
