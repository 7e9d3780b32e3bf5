import { createAccount, createUser, encodeUser } from "@nats-io/jwt";
import * as assert from "uvu/assert";
import { type MessagingError, NatsTransport } from "../../mod.ts";
import { type NatsCredentials, resolveAuthentication } from "../../src/nats/authentication.ts";
import type { Dial } from "../../src/nats/link.ts";
import { parseServerAddress } from "../../src/nats/server-address.ts";
import { Session } from "../../src/nats/session.ts";
import { systemClock } from "../../src/transport/clock.ts";
import { isLoopback } from "../../src/transport/loopback.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startRecordingProxy } from "../support/recording-proxy.ts";
import { describe } from "../support/suite.ts";
import { seedOf } from "./operator.ts";

const user = createUser();
const nkeySeed = seedOf(user);
const jwt = await encodeUser("ann", user, createAccount());
const bearer = await encodeUser("ann", user, createAccount(), { bearer_token: true });
const encoder = new TextEncoder();
const info = encoder.encode(`INFO {"version":"2.15.2","headers":true,"max_payload":1048576,"nonce":"AAAAAAAAAAA"}\r\n`);

function credsOf(text: string): string {
  return `-----BEGIN NATS USER JWT-----\n${text}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${nkeySeed}\n------END USER NKEY SEED------\n`;
}

/** Signs in over a link whose other end is a server that takes everyone; gives all that was sent. */
async function signIn(
  credentials: NatsCredentials,
  { url = "nats://broker.example", encrypted = false, peerAddress, allow = false }: {
    url?: string;
    encrypted?: boolean;
    peerAddress?: string;
    allow?: boolean;
  } = {},
): Promise<{ sent: string; error: MessagingError | undefined }> {
  let sent = "";
  const dial: Dial = (_server, _options, events) => {
    queueMicrotask(() => events.onBytes(info));
    return Promise.resolve({
      encrypted,
      peerAddress,
      send: (bytes) => {
        sent += new TextDecoder().decode(bytes);
        if (sent.includes("PING")) queueMicrotask(() => events.onBytes(encoder.encode("PONG\r\n")));
      },
      close: () => {},
    });
  };
  const opening = Session.open({
    dial,
    server: parseServerAddress(url),
    authentication: await resolveAuthentication(credentials),
    dangerouslyAllowPlaintext: allow,
    name: undefined,
    clock: systemClock,
    timeoutMs: 1_000,
    pingIntervalMs: 60_000,
    maxPingsOut: 2,
    signal: new AbortController().signal,
    events: { onMessage: () => {}, onInfo: () => {}, onRefusal: () => {}, onLost: () => {} },
  });
  return await opening.then((session) => {
    session.close();
    return { sent, error: undefined };
  }, (error: MessagingError) => ({ sent, error }));
}

describe("credentials over a connection that is not encrypted", (test) => {
  const secrets: [string, NatsCredentials, RegExp][] = [
    ["a password", { user: "ann", password: "s3cret" }, /password/],
    ["a token", { token: "s3cret" }, /token/],
    ["a bearer JWT", { jwt: bearer, nkeySeed }, /bearer JWT/],
    ["a bearer JWT in a creds file", { creds: credsOf(bearer) }, /bearer JWT/],
  ];
  for (const [what, credentials, named] of secrets) {
    test(`are refused before a byte is sent where they are ${what} and the host is another`, async () => {
      for (
        const [url, peerAddress] of [
          ["nats://broker.example", undefined],
          ["nats://broker.example", "192.0.2.7"],
          ["nats://localhost", "192.0.2.7"],
          ["nats://10.0.0.5:4222", undefined],
          ["nats://[2001:db8::7]:4222", "2001:db8::7"],
          ["ws://broker.example/nats", undefined],
          ["nats://127.0.0.1.example", undefined],
        ] as const
      ) {
        const { sent, error } = await signIn(credentials, {
          url,
          ...(peerAddress === undefined ? {} : { peerAddress }),
        });
        assert.is(error?.code, "UNAUTHENTICATED", url);
        assert.is(error?.execution, "not-executed");
        assert.match(error!.message, named);
        assert.match(error!.message, /tls:\/\/.*dangerouslyAllowPlaintext/);
        assert.not.match(error!.message, /s3cret|eyJ/);
        assert.is(sent, "");
      }
    });

    test(`travel where they are ${what} and the program says so, the link is encrypted or the host is this one`, async () => {
      for (
        const options of [
          { allow: true },
          { encrypted: true },
          { peerAddress: "127.0.0.1" },
          { peerAddress: "::ffff:127.0.0.1" },
          { url: "nats://localhost:4222", peerAddress: "::1" },
          { url: "ws://localhost" },
          { url: "ws://127.9.9.9" },
          { url: "ws://[::1]:80" },
        ]
      ) {
        const { sent, error } = await signIn(credentials, options);
        assert.is(error, undefined, JSON.stringify(options));
        assert.match(sent, /^CONNECT /);
      }
    });
  }

  test("travel where they sign: an nkey, a JWT and a creds file show nothing that another could use", async () => {
    for (const credentials of [{}, { nkeySeed }, { jwt, nkeySeed }, { creds: credsOf(jwt) }]) {
      const { sent, error } = await signIn(credentials);
      assert.is(error, undefined);
      assert.match(sent, /^CONNECT /);
      assert.not.ok(sent.includes(nkeySeed));
    }
  });

  test("count as sent to this machine by its address, not by a name that looks like it", () => {
    for (
      const host of ["127.0.0.1", "127.255.0.9", "::1", "localhost", "LOCALHOST", "nats.localhost", "::ffff:7f00:1"]
    ) {
      assert.ok(isLoopback(host), host);
    }
    for (
      const host of [
        "0.0.0.0",
        "::",
        "127.0.0.1.example",
        "x127.0.0.1",
        "localhost.example",
        "notlocalhost",
        "128.0.0.1",
        "",
      ]
    ) {
      assert.not.ok(isLoopback(host), host);
    }
  });
});

describeWithNatsServer("NatsTransport with a password and no TLS", {}, (test) => {
  const config = `authorization { users: [{ user: "ann", password: "s3cret" }] }`;
  const authentication = { user: "ann", password: "s3cret" };

  test("tells nobody on the way to another host, unless it is told to", async () => {
    await using broker = await startNatsServer({ config, websocket: true });
    await using proxy = await startRecordingProxy(broker.websocketPort!);
    // The address of every interface is no loopback address, and leads here.
    const servers = `ws://0.0.0.0:${proxy.port}`;
    await expectRejection(new NatsTransport({ servers, authentication }).open(), {
      code: "UNAUTHENTICATED",
      message: /dangerouslyAllowPlaintext/,
    });
    assert.is(proxy.connections, 1);
    // Frames of a browser's WebSocket are masked: what counts is that there is none after the upgrade.
    assert.match(proxy.sent()[0]!, /^GET [^]*\r\n\r\n$/);
    const connection = await new NatsTransport({ servers, authentication, dangerouslyAllowPlaintext: true }).open();
    await connection.flush(1_000);
    await connection.close();
  });

  test("connects to this machine under any name that leads here", async () => {
    await using broker = await startNatsServer({ config });
    for (const host of ["127.0.0.1", "localhost", "0.0.0.0"]) {
      const connection = await new NatsTransport({ servers: `nats://${host}:${broker.port}`, authentication }).open();
      await connection.close();
    }
  });
});
