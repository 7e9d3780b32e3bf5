import { createHash, X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { type NatsAuthentication, NatsTransport } from "../../mod.ts";
import { ChildProgram } from "../runtimes/child-program.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { makeCertificates, type TestCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, type NatsServerTls, startNatsServer } from "../support/nats-server.ts";
import { startRecordingProxy } from "../support/recording-proxy.ts";
import { until } from "../support/until.ts";

const password = "secret-of-ann";
const passwords = `authorization { users: [{ user: "ann", password: "${password}" }] }`;
const [first, second] = [await makeCertificates(), await makeCertificates()];
const fixture = fileURLToPath(new URL("./fixtures/rotating-client.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files of a deployment: authority, server and client, all of which can be replaced at once. */
class Deployment implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "messaging-rotation-"));
  readonly caFile: string = join(this.#folder, "ca.crt");
  readonly certFile: string = join(this.#folder, "client.crt");
  readonly keyFile: string = join(this.#folder, "client.key");
  readonly server: NatsServerTls = {
    certFile: join(this.#folder, "server.crt"),
    keyFile: join(this.#folder, "server.key"),
    caFile: this.caFile,
    verify: true,
  };

  constructor(certificates: TestCertificates) {
    this.replace(certificates);
  }

  replace({ authority, server, client }: TestCertificates): void {
    copyFileSync(authority.certificateFile, this.caFile);
    copyFileSync(client.certificateFile, this.certFile);
    copyFileSync(client.keyFile, this.keyFile);
    copyFileSync(server.certificateFile, this.server.certFile);
    copyFileSync(server.keyFile, this.server.keyFile);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The fingerprint of the certificate that the broker's only client has shown. */
async function shownCertificate(broker: NatsServer): Promise<string | undefined> {
  const { connections } = await (await fetch(`${broker.monitoringUrl}/connz?auth=true`)).json() as {
    connections: { tls_peer_certs?: { cert_sha256: string }[] }[];
  };
  return connections[0]?.tls_peer_certs?.[0]?.cert_sha256;
}

function fingerprint({ client }: TestCertificates): string {
  return createHash("sha256").update(new X509Certificate(client.certificate).raw).digest("hex");
}

const programs: Readonly<Record<string, readonly string[]>> = {
  node: ["--import", "tsx", fixture],
  bun: ["run", fixture],
  deno: ["run", "-A", "--no-prompt", "--import-map=tests/runtimes/deno-import-map.json", fixture],
};
const runtimes = await Promise.all(
  (["node", "bun", "deno"] as const).map(async (name) => ({
    name,
    found: await findRuntime(name).catch((error: Error) => error),
  })),
);

describeWithNatsServer("certificates that are replaced while a client is connected", {}, (test) => {
  for (const { name, found } of runtimes) {
    const title = `are read again by ${name}, the authority's too, when the connection comes back`;
    if (found instanceof Error) {
      test.skip(title, found.message);
      continue;
    }
    test(title, { timeoutMs: 40_000 }, async () => {
      using deployment = new Deployment(first);
      await using broker = await startNatsServer({ tls: deployment.server, monitoring: true });
      const { caFile, certFile, keyFile } = deployment;
      const files = [caFile, certFile, keyFile];
      await using program = new ChildProgram(found.path, [...programs[name]!, broker.url, ...files], { cwd: root });
      const shows = (pattern: RegExp): Promise<boolean> =>
        until(String(pattern), () => pattern.test(program.output), 15_000).catch((error) => {
          throw new Error(`${error}\n${program.output}`);
        });
      await shows(/^connected $/m);
      assert.is(await shownCertificate(broker), fingerprint(first));
      await broker.kill();
      await shows(/^reconnecting/m);
      deployment.replace(second);
      await broker.restart();
      await shows(/^connected twice/m);
      assert.is(await shownCertificate(broker), fingerprint(second));
    });
  }

  test("are asked for again where functions give them, and stay as they are where texts do", async () => {
    using deployment = new Deployment(first);
    await using broker = await startNatsServer({ tls: deployment.server, monitoring: true });
    let current = first;
    const { authority, client } = first;
    const asking = new NatsTransport({
      servers: broker.url,
      authentication: () => ({
        tls: {
          ca: current.authority.certificate,
          cert: () => Promise.resolve(current.client.certificate),
          key: () => current.client.key,
        },
      }),
    });
    const fixed = new NatsTransport({
      servers: broker.url,
      authentication: { tls: { ca: authority.certificate, cert: client.certificate, key: client.key } },
    });
    const connections = [await asking.open(), await fixed.open()];
    await broker.kill();
    deployment.replace(current = second);
    await broker.restart();
    await until("the one that asks is back", () => asking.status === "connected");
    assert.is(await shownCertificate(broker), fingerprint(second));
    assert.is(fixed.status, "reconnecting");
    await Promise.all(connections.map((connection) => connection.close()));
  });
});

describeWithNatsServer("a server's certificate that has expired", {}, (test) => {
  test("is refused with its reason, and no password was sent", async () => {
    const { certificateFile: certFile, keyFile } = first.expiredServer;
    const tls = { certFile, keyFile };
    await using broker = await startNatsServer({ tls, websocketTls: tls, config: passwords });
    for (const url of [broker.url, broker.websocketUrl]) {
      await using proxy = await startRecordingProxy(Number(new URL(url).port));
      const transport = new NatsTransport({
        servers: url.replace(/\d+$/, String(proxy.port)),
        authentication: { user: "ann", password, tls: { ca: first.authority.certificate } },
      });
      await expectRejection(transport.open(), { code: "DISCONNECTED", message: /expired/ });
      assert.is(proxy.connections, 1);
      assert.not.match(proxy.sent().join(), /CONNECT|ann|secret/);
    }
  });
});

describeWithNatsServer("handshakeFirst", { minimumVersion: "2.10.4" }, (test) => {
  const { authority, client, otherAuthority } = first;
  const ca = authority.certificate;

  async function attempt(port: number, authentication: NatsAuthentication): Promise<void> {
    const transport = new NatsTransport({
      servers: `nats://127.0.0.1:${port}`,
      authentication,
      connectTimeoutMs: 1_000,
    });
    const connection = await transport.open();
    await connection.flush(1_000);
    await connection.close();
  }

  test("shows nothing before the encryption, not even the server's INFO; certificate and password go inside", async () => {
    const { certificateFile: certFile, keyFile } = first.server;
    const tls = { certFile, keyFile, caFile: authority.certificateFile, verify: true, handshakeFirst: true };
    await using broker = await startNatsServer({ tls, config: passwords });
    await using proxy = await startRecordingProxy(broker.port);
    const own = { ca, cert: client.certificate, key: client.key, handshakeFirst: true };
    await attempt(proxy.port, { user: "ann", password, tls: own });
    assert.is(proxy.sent()[0]!.charCodeAt(0), 0x16, "a TLS handshake record");
    assert.not.match(proxy.sent().join(), /CONNECT|secret/);

    const refused: [object, RegExp][] = [
      [{ ...own, ca: otherAuthority.certificate }, /unable to|self.signed|signature/],
      [{ ca, handshakeFirst: true }, /certificate|closed|reset/],
      // It waits for the server's first word, and so does the server.
      [{ ...own, handshakeFirst: false }, /within 1000 ms|closed|reset/],
    ];
    for (const [given, message] of refused) {
      const error = attempt(proxy.port, { user: "ann", password, tls: given });
      await expectRejection(error, { code: "DISCONNECTED", message });
    }
    assert.not.match(proxy.sent().join(), /CONNECT|secret/);
  });

  test("is refused by a server in plain text, which sees no password", async () => {
    await using broker = await startNatsServer({ config: passwords });
    await using proxy = await startRecordingProxy(broker.port);
    await expectRejection(attempt(proxy.port, { user: "ann", password, tls: { ca, handshakeFirst: true } }), {
      code: "DISCONNECTED",
    });
    assert.is(proxy.connections, 1);
    assert.not.match(proxy.sent().join(), /CONNECT|ann|secret/);
  });
});
