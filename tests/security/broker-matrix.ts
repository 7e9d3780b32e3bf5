import type { ConnectionOptions } from "@nats-io/transport-node";
import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, type MessagingServer, type Transport } from "../../mod.ts";
import { until } from "../support/until.ts";
import { HostileClient } from "./hostile-client.ts";
import { eventData, eventSubject, mayUse, type RoleName, roleNames, shop } from "./shop.ts";

/** Who may connect to a broker whose permissions are looked at. */
export interface MatrixBroker {
  /** Serves the contract. */
  readonly service: Transport;
  /** A user of this role: by the library, and by raw nats.js with the same credentials. */
  user(
    role: RoleName,
  ): { readonly transport: Transport; readonly raw: ConnectionOptions; readonly inboxPrefix: string };
  /** Which roles there are users of. @default all */
  readonly roles?: readonly RoleName[];
}

/** How many cells of the matrix were looked at. */
export interface MatrixCounts {
  /** Operations that a role may use: they worked, with answers and events that came. */
  allowed: number;
  /** Operations that a role may not use: the broker refused them. */
  refused: number;
  /** Other things a hostile client tries with each role's credentials: the broker refused them. */
  attempts: number;
}

/**
 * Holds what the broker allows against what the contract says, both ways. The server of ours takes everyone for an actor
 * with every role: whatever is refused here is refused by the broker alone.
 */
export async function checkMatrix(broker: MatrixBroker): Promise<MatrixCounts> {
  const counts: MatrixCounts = { allowed: 0, refused: 0, attempts: 0 };
  const server = await serveEveryone(broker.service);
  try {
    for (const role of broker.roles ?? roleNames) await checkRole(broker, role, server, counts);
  } finally {
    await server.stop();
  }
  return counts;
}

/** A server of the shop that asks nobody who they are. */
export async function serveEveryone(transport: Transport): Promise<MessagingServer<typeof shop>> {
  const server = createMessagingServer({
    contract: shop,
    transport,
    authenticate: () => ({ id: "anybody", roles: roleNames }),
  });
  for (const name of shop.requests.keys()) {
    server.registerHandler(name as "ping", ({ text }) => ({ text: `${name} ${text}` }));
  }
  await server.start();
  return server;
}

async function checkRole(
  broker: MatrixBroker,
  role: RoleName,
  server: MessagingServer<typeof shop>,
  counts: MatrixCounts,
): Promise<void> {
  const { transport, raw, inboxPrefix } = broker.user(role);
  await using client = createMessagingClient({ contract: shop, transport });
  await client.connect();
  await using hostile = await HostileClient.connect(raw);

  for (const name of shop.requests.keys()) {
    const subject = `shop.v2.request.${name}`;
    if (mayUse[role].includes(name)) {
      assert.equal(await client.request(name as "ping", { text: role }), { text: `${name} ${role}` });
      counts.allowed++;
    } else {
      assert.ok(await hostile.publishIsRefused(subject), `${role} could publish to ${subject}`);
      counts.refused++;
    }
  }
  for (const name of shop.events.keys()) {
    const subject = eventSubject(name, "acme", "7");
    if (mayUse[role].includes(name)) {
      const heard: unknown[] = [];
      const subscription = client.subscribe(name as "announced", (data) => void heard.push(data));
      await subscription.ready;
      await server.broadcast(name as "announced", eventData(name, "acme") as { text: string });
      assert.equal(await until(`${role} hears ${name}`, () => heard[0]), eventData(name, "acme"));
      counts.allowed++;
    } else {
      assert.ok(await hostile.subscribeIsRefused(subject), `${role} could listen to ${subject}`);
      counts.refused++;
    }
  }
  for (const attempt of subscribeAttempts(role, inboxPrefix)) {
    assert.ok(await hostile.subscribeIsRefused(...attempt), `${role} could listen to ${attempt.join(" as ")}`);
    counts.attempts++;
  }
  for (const subject of publishAttempts(role)) {
    assert.ok(await hostile.publishIsRefused(subject), `${role} could publish to ${subject}`);
    counts.attempts++;
  }
}

/** To listen to what is not the user's: subject, and the queue group where one is tried. */
function subscribeAttempts(role: RoleName, inboxPrefix: string): [string, string?][] {
  const requests = [...shop.requests.keys()].map((name) => `shop.v2.request.${name}`);
  const foreign = [...shop.events.keys()].filter((name) => !mayUse[role].includes(name));
  return [
    ...requests.map((subject): [string] => [subject]),
    ...requests.map((subject): [string, string] => [subject, "shop"]),
    ...foreign.map((name): [string] => [eventSubject(name, "*", "*")]),
    ...foreign.map((name): [string] => [`shop.v2.event.${name}.>`]),
    ...[">", "*", "*.>", "*.*", "*.*.*", "*.*.*.*", "*.*.*.*.*", "shop.>", "shop.*.>", "shop.v2.>", "shop.v2.*.>"].map(
      (subject): [string] => [subject],
    ),
    ...["shop.v2.event.>", "shop.v2.event.*", "shop.v2.event.*.>", "shop.v2.event.*.*.*", "shop.v2.request.>"].map((
      subject,
    ): [string] => [subject]),
    ["shop.v2.request.*"],
    ["shop.v2.request.*", "shop"],
    ["shop.v2.cancel.*"],
    ["shop.v2.cancel.>"],
    ["shop.v1.event.announced"],
    ["other.shop.v2.event.announced"],
    ["_INBOX.>"],
    ["_INBOX.*.*"],
    ["_INBOX.*"],
    ["*.*.*", "shop"],
    ["_INBOX_shop.>"],
    [inboxPrefix],
    [`${inboxPrefix}x.>`],
    ...roleNames.filter((other) => !inboxPrefix.endsWith(other)).flatMap((other): [string][] => {
      const prefix = inboxPrefix.replace(role, other);
      return [[`${prefix}.>`], [`${prefix}.*.*`], [`${prefix}.0123456789012345678901.*`]];
    }),
    ...["$SRV.>", "$SRV.PING", "$SRV.INFO.shop", "$SYS.>", "$SYS.REQ.USER.AUTH", "$JS.>", "$JS.API.>", "$JS.EVENT.>"]
      .map(
        (subject): [string] => [subject],
      ),
    ...["$JS.ACK.>", "$KV.>", "$O.>", "$MQTT.>", "_R_.>", "$G.>"].map((subject): [string] => [subject]),
  ];
}

/** To publish what is not the user's to say. */
function publishAttempts(role: RoleName): string[] {
  return [
    ...[...shop.events.keys()].map((name) => eventSubject(name, "acme", "7")),
    "shop.v2.event.announced.x",
    "shop.v2.request",
    "shop.v2.request.nothing",
    "shop.v2.request.ping.x",
    "shop.v1.request.ping",
    "SHOP.v2.request.ping",
    "other.shop.v2.request.ping",
    "shop.v2.cancel",
    "shop.v2.cancel.a.b",
    ...roleNames.filter((other) => other !== role).map((other) => `_INBOX_${other}.stolen.reply`),
    "_INBOX.stolen.reply",
    "_INBOX_shop.stolen.reply",
    "$SRV.PING",
    "$SRV.INFO.shop",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.USER.AUTH",
    "$SYS._INBOX.x.y",
    "$JS.API.INFO",
    "$JS.API.STREAM.PURGE.SHOP_V2",
    "$JS.API.STREAM.DELETE.SHOP_V2",
    "$JS.API.CONSUMER.CREATE.SHOP_V2",
    "$JS.API.DIRECT.GET.SHOP_V2",
    "$JS.ACK.SHOP_V2.billing=orderMoved.1.1.1.1.0",
    "$KV.bucket.key",
    "$MQTT.sub.x",
    "_R_.x.y",
  ];
}
