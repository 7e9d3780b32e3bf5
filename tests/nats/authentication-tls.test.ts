import * as assert from "uvu/assert";
import { NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { parseServerAddress, type ServerAddress } from "../../src/nats/server-address.ts";
import { dialTcp } from "../../src/nats/tcp/node.ts";
import { makeCertificates, type TestCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, type NatsServerTls, startNatsServer } from "../support/nats-server.ts";
import { startRecordingProxy } from "../support/recording-proxy.ts";

const password = "secret-of-ann";
const passwords = `authorization { users: [{ user: "ann", password: "${password}" }] }`;
const certificates: TestCertificates = await makeCertificates();
const { authority, client, expiredClient, strangerClient } = certificates;
const ca = authority.certificate;

function listener(pair = certificates.server, options: Partial<NatsServerTls> = {}): NatsServerTls {
  return { certFile: pair.certificateFile, keyFile: pair.keyFile, caFile: authority.certificateFile, ...options };
}

/** Connects, is served, tells whether the broker saw an encrypted connection, and leaves. */
async function useEcho(broker: NatsServer, servers: string, options: NatsTransportOptions): Promise<void> {
  const transport = new NatsTransport({ servers, connectTimeoutMs: 1_500, ...options });
  const [server, caller] = [await serveEcho(transport), await connectEcho(transport)];
  try {
    assert.equal(await caller.request("say", { text: "in" }), { text: "in" });
    const { connections } = await (await fetch(`${broker.monitoringUrl}/connz`)).json() as {
      connections: { tls_version?: string }[];
    };
    assert.is(connections.length, 1);
    assert.match(connections[0]!.tls_version ?? "not encrypted", /^1\.[23]$/);
  } finally {
    await Promise.all([caller.disconnect(), server.stop()]);
  }
}

describeWithNatsServer("NatsTransport", {}, (test) => {
  test("connects with TLS by every way to name an authority, a certificate and its key", async () => {
    const tls = listener(certificates.server, { verify: true });
    await using broker = await startNatsServer({ tls, websocketTls: tls, monitoring: true });
    const { certificate: cert, key, certificateFile: certFile, keyFile } = client;
    const forms = [
      { ca, cert, key },
      { caFile: authority.certificateFile, certFile, keyFile },
      { ca: () => ca, cert: () => Promise.resolve(cert), key: () => key },
    ];
    for (const url of [broker.url, broker.url.replace("tls:", "nats:"), broker.websocketUrl]) {
      for (const form of forms) await useEcho(broker, url, { authentication: { tls: form } });
      await useEcho(broker, url.replace("127.0.0.1", "localhost"), { authentication: () => ({ tls: forms[0]! }) });
    }
  });

  test("is the user that its certificate names, or has a password besides", async () => {
    const config = `authorization { users: [{ user: "test-client@example.com" }] }`;
    const { certificate: cert, key } = client;
    await using mapping = await startNatsServer({
      tls: listener(certificates.server, { verifyAndMap: true }),
      monitoring: true,
      config,
    });
    await useEcho(mapping, mapping.url, { authentication: { tls: { ca, cert, key } } });
    await using broker = await startNatsServer({ tls: listener(), monitoring: true, config: passwords });
    await useEcho(broker, broker.url, { authentication: { user: "ann", password, tls: { ca } } });
    const wrong = { user: "ann", password: "secret-of-bob", tls: { ca } };
    await expectRejection(useEcho(broker, broker.url, { authentication: wrong }), { code: "UNAUTHENTICATED" });
  });

  test("refuses a certificate of an unknown authority, or for another name or address", async () => {
    const { certificate: otherCa } = certificates.otherAuthority;
    await using good = await startNatsServer({ tls: listener(), websocketTls: listener() });
    const misnamed = listener(certificates.misnamedServer);
    await using bad = await startNatsServer({ tls: misnamed, websocketTls: misnamed });
    for (
      const [broker, trusted, message] of [
        [good, undefined, /self.signed|unable to (get|verify)/],
        [good, otherCa, /unable to (get|verify)|signature/],
        [bad, ca, /altnames|does not match/],
      ] as const
    ) {
      for (const url of [broker.url, broker.websocketUrl]) {
        for (const host of ["127.0.0.1", "localhost"]) {
          const servers = url.replace("127.0.0.1", host);
          const authentication = trusted === undefined ? {} : { tls: { ca: trusted } };
          await expectRejection(useEcho(broker, servers, { authentication }), { code: "DISCONNECTED", message });
        }
      }
    }
  });

  test("is refused without a certificate, with a stranger's and with one that has expired", async () => {
    const tls = listener(certificates.server, { verify: true });
    await using broker = await startNatsServer({ tls, websocketTls: tls });
    for (const servers of [broker.url, broker.websocketUrl]) {
      for (const pair of [undefined, strangerClient, expiredClient]) {
        const own = pair === undefined ? {} : { cert: pair.certificate, key: pair.key };
        await expectRejection(useEcho(broker, servers, { authentication: { tls: { ca, ...own } } }), {
          code: "DISCONNECTED",
        });
      }
    }
  });

  test("refuses a client certificate without its key, and a key without its certificate", async () => {
    const { certificate: cert, key, certificateFile: certFile, keyFile } = client;
    for (const tls of [{ certFile }, { cert }, { cert: () => cert }, { keyFile }, { ca, key }]) {
      const needs = "cert" in tls || "certFile" in tls ? /certificate needs its key/ : /key needs its certificate/;
      assert.throws(
        () => new NatsTransport({ authentication: { tls } }),
        (error: unknown) => error instanceof TypeError && needs.test(error.message),
      );
      const later = new NatsTransport({ servers: "tls://127.0.0.1:1", authentication: () => ({ tls }) });
      await expectRejection(later.open(), { code: "UNAUTHENTICATED", message: needs });
    }
    for (const tls of [{ cert, keyFile }, { certFile, key }]) new NatsTransport({ authentication: { tls } });
  });

  test("rejects with a typed error for certificates that are none", async () => {
    await using broker = await startNatsServer({ tls: listener(), websocketTls: listener() });
    for (const servers of [broker.url, broker.websocketUrl]) {
      for (const tls of [{ caFile: "/none" }, { ca: "none" }, { ca, cert: "none", key: "secret-key" }]) {
        const error = await expectRejection(useEcho(broker, servers, { authentication: { tls } }));
        assert.match((error as { code: string }).code, /^(DISCONNECTED|UNAUTHENTICATED)$/, String(error));
        assert.not.match(String(error), /secret-key/);
      }
    }
  });

  for (const scheme of ["tls", "wss", "nats"] as const) {
    test(`sends no password over ${scheme} to a server without TLS, when it must be encrypted`, async () => {
      await using broker = await startNatsServer({ config: passwords, websocket: true });
      await using proxy = await startRecordingProxy(scheme === "wss" ? broker.websocketPort! : broker.port);
      const tls = scheme === "nats" ? { tls: { ca } } : {};
      const transport = new NatsTransport({
        servers: `${scheme}://127.0.0.1:${proxy.port}`,
        authentication: { user: "ann", password, ...tls },
        connectTimeoutMs: 1_000,
      });
      await expectRejection(transport.open(), { code: "DISCONNECTED" });
      assert.is(proxy.connections, 1);
      assert.not.match(proxy.sent().join(), /CONNECT|ann|secret/);
    });
  }

  test("records a password over nats://, so that the tests above would have seen one", async () => {
    await using broker = await startNatsServer({ config: passwords });
    await using proxy = await startRecordingProxy(broker.port);
    const servers = `nats://127.0.0.1:${proxy.port}`;
    const connection = await new NatsTransport({ servers, authentication: { user: "ann", password } }).open();
    await connection.close();
    assert.match(proxy.sent().join(), /CONNECT.*secret-of-ann/);
  });
});

describeWithNatsServer("NatsTransport with handshakeFirst", { minimumVersion: "2.10.4" }, (test) => {
  test("encrypts before the server's first word", async () => {
    const tls = listener(certificates.server, { handshakeFirst: true });
    await using broker = await startNatsServer({ tls, monitoring: true });
    await useEcho(broker, broker.url, { authentication: { tls: { ca, handshakeFirst: true } } });
  });

  test("checks a server that a cluster told of by the name of the one that told it", async () => {
    for (const handshakeFirst of [false, true]) {
      await using broker = await startNatsServer({ tls: listener(certificates.misnamedServer, { handshakeFirst }) });
      const told: ServerAddress = parseServerAddress(broker.url);
      const dial = async (server: ServerAddress): Promise<boolean> => {
        const signal = new AbortController().signal;
        const link = await dialTcp(server, { tls: { ca, handshakeFirst }, signal }, {
          onBytes: () => {},
          onClose: () => {},
        });
        link.close();
        return link.encrypted;
      };
      assert.ok(await dial({ ...told, tlsName: "elsewhere.example" }));
      await expectRejection(dial({ ...told, tlsName: "localhost" }), { message: /does not match/ });
      await expectRejection(dial(told), { message: /does not match/ });
    }
  });
});
