import { createUser } from "@nats-io/nkeys";
import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract, createMessagingClient, NatsTransport } from "../../mod.ts";
import { brokerPermissions } from "../../src/security/broker-permissions.ts";
import { natsServerConfig, type NatsServerConfigOptions } from "../../src/security/nats-server-config.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";
import { serveEveryone } from "./broker-matrix.ts";
import { HostileClient } from "./hostile-client.ts";
import { shop } from "./shop.ts";

const user = "ann";
const password = "ann-password";
const nkey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const issuer = "ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA";

const stock = createContract({
  name: "stock",
  version: "1.0.0",
  roles: { clerk: {}, counter: {} },
  requests: { count: { request: v.object({}), response: v.object({}), access: ["counter"] } },
  events: {
    counted: { schema: v.object({ depot: v.string() }), subject: "{depot}", access: { subscribe: ["clerk"] } },
  },
});

function lines(text: string, key: string): string[] {
  return text.split("\n").filter((line) => line.trim().startsWith(key)).map((line) => line.trim());
}

describe("natsServerConfig()", (test) => {
  test("writes every user with what the contract gives it", () => {
    const text = natsServerConfig(shop, {
      users: [{ user, password, role: "courier" }, { nkey, service: true, inboxPrefix: "_INBOX.shop" }],
    });
    assert.is(
      text,
      `authorization {
  users = [
    {
      user: "ann"
      password: "ann-password"
      permissions: {
        publish: { allow: ["shop.v2.request.ping", "shop.v2.request.reportDelivery", "shop.v2.request.closeDay", "shop.v2.cancel.*"] }
        subscribe: { allow: ["shop.v2.event.announced", "shop.v2.event.delivered.*.*", "_INBOX_ann.>"] }
      }
    }
    {
      nkey: "${nkey}"
      permissions: {
        publish: { allow: ["shop.v2.event.announced", "shop.v2.event.stockChanged.*.*", "shop.v2.event.orderMoved.*.moved.*", "shop.v2.event.orderFlagged.*.*", "shop.v2.event.delivered.*.*", "$JS.API.STREAM.INFO.SHOP_V2", "$JS.API.STREAM.CREATE.SHOP_V2", "$JS.API.STREAM.INFO.SHOP_V2=DEAD", "$JS.API.STREAM.CREATE.SHOP_V2=DEAD", "$JS.API.STREAM.UPDATE.SHOP_V2", "_INBOX.>", "_INBOX_ann.>", "_INBOX.shop.>"] }
        subscribe: { allow: ["shop.v2.request.ping shop", "shop.v2.request.findItem shop", "shop.v2.request.listOrders shop", "shop.v2.request.createOrder shop", "shop.v2.request.cancelOrder shop", "shop.v2.request.reportDelivery shop", "shop.v2.request.closeDay shop", "shop.v2.cancel.*", "$SRV.PING", "$SRV.PING.shop", "$SRV.PING.shop.*", "$SRV.INFO", "$SRV.INFO.shop", "$SRV.INFO.shop.*", "$SRV.STATS", "$SRV.STATS.shop", "$SRV.STATS.shop.*", "$SRV.SCHEMA", "$SRV.SCHEMA.shop", "$SRV.SCHEMA.shop.*", "_INBOX.shop.>"] }
      }
    }
  ]
}
`,
    );
  });

  test("joins several contracts: a role counts where it exists, and a user may be kept to some", () => {
    const text = natsServerConfig([shop, stock], {
      users: [
        { user, password, role: "clerk", params: { depot: "north" } },
        { user: "bob", password, role: ["manager", "counter"], contracts: ["stock", "shop"] },
        {
          user: "stock",
          password,
          service: true,
          contracts: ["stock"],
          also: [brokerPermissions(shop, { role: "viewer", inboxPrefix: "_INBOX_stock" })],
        },
      ],
    });
    const [ann, bob, service] = lines(text, "publish:");
    assert.match(ann!, `"shop.v2.request.createOrder"`);
    assert.not.match(ann!, "stock.v1.request.count");
    assert.match(lines(text, "subscribe:")[0]!, `"stock.v1.event.counted.north"`);
    assert.match(bob!, `"stock.v1.request.count"`);
    assert.match(bob!, `"shop.v2.request.cancelOrder"`);
    assert.match(service!, `"stock.v1.event.counted.*"`);
    assert.match(service!, `"shop.v2.request.findItem"`);
    assert.not.match(service!, "shop.v2.event");
  });

  test("writes the auth callout, and lets the server decide about its own users only", () => {
    const text = natsServerConfig(shop, {
      users: [{ user: "callout", password, authCallout: true }, { user: "shop", password, service: true }],
      authCallout: { issuer, account: "APP" },
    });
    assert.equal(lines(text, "auth_users"), [`auth_users: ["callout", "shop"]`]);
    assert.equal(lines(text, "account"), [`account: "APP"`]);
    assert.equal(lines(text, "publish")[0], `publish: { allow: ["$SYS._INBOX.*.*"] }`);
  });

  test("refuses what it cannot mean, and shows no password", () => {
    const secret = "s3cret-of-ann";
    const refused: [unknown[], RegExp][] = [
      [[], /empty/],
      [[{ user, password: secret }], /one of role/],
      [[{ user, password: secret, role: "clerk", service: true }], /one of role/],
      [[{ user, role: "clerk" }], /no password/],
      [[{ user, password: "", role: "clerk" }], /no password/],
      [[{ user, password: `${secret}\n`, role: "clerk" }], /no password/],
      [[{ user: "", password: secret, role: "clerk" }], /name/],
      [[{ user: "a\u0000b", password: secret, role: "clerk" }], /name/],
      [[{ password: secret, role: "clerk" }], /name/],
      [[{ nkey: `${nkey}A`, role: "clerk" }], /nkey/],
      [[{ nkey: issuer, role: "clerk" }], /nkey/],
      [[{ user, password: secret, role: "boss" }], /role "boss"/],
      [[{ user, password: secret, role: "clerk", contracts: ["other"] }], /no contract/],
      [[{ user, password: secret, role: [], contracts: [] }], /no contract/],
      [[{ user, password: secret, role: "clerk", params: { tenent: "a" } }], /tenent/],
      [[{ user, password: secret, role: "clerk", params: { tenant: "{{name()}}" } }], /template/],
      [[{ user, password: secret, role: "clerk", inboxPrefix: "_INBOX" }], /"_INBOX"/],
      [[{ user: "ann@example.com", password: secret, role: "clerk" }], /inboxPrefix/],
      [[{ user, password: secret, role: "clerk" }, { user, password: secret, role: "viewer" }], /twice/],
      [
        [{ user, password: secret, role: "clerk" }, {
          user: "eve",
          password: secret,
          role: "clerk",
          inboxPrefix: "_INBOX_ann.e",
        }],
        /answers to each other/,
      ],
    ];
    for (const [users, message] of refused) {
      try {
        natsServerConfig(shop, { users } as unknown as NatsServerConfigOptions);
        assert.unreachable(JSON.stringify(users));
      } catch (error) {
        assert.instance(error, TypeError);
        assert.match(String(error), message);
        assert.not.match(String(error), secret);
      }
    }
    const users = [{ user, password, role: "clerk" }];
    assert.throws(() => natsServerConfig(shop, { users, authCallout: { issuer: nkey } }), /issuer/);
    assert.throws(() => natsServerConfig(shop, { users, authCallout: { issuer, xkey: issuer } }), /xkey/);
    assert.throws(() => natsServerConfig([], { users: [{ user, password, role: [] }] }), /no contract/);
  });
});

async function canLogIn(broker: NatsServer, user: string, pass: string): Promise<boolean> {
  try {
    await using _client = await HostileClient.connect({ servers: broker.url, user, pass });
    return true;
  } catch {
    return false;
  }
}

describeWithNatsServer("a nats-server with the text of natsServerConfig()", {}, (test) => {
  test(
    "reads hostile names and passwords as what they are: no text makes a user or a right",
    { timeoutMs: 60_000 },
    async () => {
      const random = seededRandom(4);
      const pieces = [
        `"`,
        `\\`,
        `"}]}`,
        `", user: "evil", password: "evil" }, {`,
        `" }] } authorization { users = [{ user: "evil", password: "evil`,
        `permissions: { publish: ">" }`,
        "$evil",
        "${HOME}",
        "$PATH",
        "include evil.conf",
        "# evil",
        "// evil",
        "\\x22",
        "\\n",
        "\\",
        "''",
        "{{name()}}",
        "(",
        "%s",
        ":",
        "=",
        ";",
        ",",
        "é",
        "漢字",
        "🔥",
        "\u2028",
        "\u00a0",
        " ",
        "x",
      ];
      const text = (): string => Array.from({ length: 1 + random.below(6) }, () => random.pick(pieces)).join("");
      const users = Array.from({ length: 300 }, (_, index) => ({
        user: `${text()}${index}`,
        password: `${text()}${index}`,
        role: "viewer",
        inboxPrefix: `_INBOX.${index}`,
      }));
      await using broker = await startNatsServer({ config: natsServerConfig(shop, { users }) });
      for (const { user, password } of users) assert.ok(await canLogIn(broker, user, password), JSON.stringify(user));
      for (const { user } of users.slice(0, 50)) {
        assert.not.ok(await canLogIn(broker, user, "evil"), JSON.stringify(user));
      }
      for (const name of ["evil", "", "x"]) {
        assert.not.ok(await canLogIn(broker, name, "evil"), name);
      }
      await using last = await HostileClient.connect({
        servers: broker.url,
        user: users[299]!.user,
        pass: users[299]!.password,
      });
      assert.ok(await last.publishIsRefused("evil"));
      console.log(`${users.length} users with hostile names and passwords: each is itself, nobody else came in`);
    },
  );

  test("takes a bcrypt hash and an nkey, and the library's clients with them", async () => {
    const pair = createUser();
    const config = natsServerConfig(shop, {
      users: [
        { user, password: "$2a$04$PMlWF32lvtk9Zm7.PltWNexpXJiIg0USnAwQbl.KyBsvefoHzbFxe", role: "clerk" },
        { nkey: pair.getPublicKey(), service: true, inboxPrefix: "_INBOX_shop" },
      ],
    });
    await using broker = await startNatsServer({ config, jetstream: true });
    const nkeySeed = new TextDecoder().decode(pair.getSeed());
    const service = new NatsTransport({
      servers: broker.url,
      authentication: { nkeySeed },
      inboxPrefix: "_INBOX_shop",
    });
    const server = await serveEveryone(service);
    const authentication = { user, password: "correct horse battery staple" };
    const transport = new NatsTransport({ servers: broker.url, authentication, inboxPrefix: "_INBOX_ann" });
    await using client = createMessagingClient({ contract: shop, transport });
    await client.connect();
    assert.equal(await client.request("createOrder", { text: "A1" }), { text: "createOrder A1" });
    await expectRejection(client.request("cancelOrder", { text: "A1" }), { code: "FORBIDDEN" });
    assert.not.ok(
      await canLogIn(broker, user, "$2a$04$PMlWF32lvtk9Zm7.PltWNexpXJiIg0USnAwQbl.KyBsvefoHzbFxe"),
      "the hash is no password",
    );
    await server.stop();
  });
});
