// What docs/troubleshooting.md says of errors: each code is there, and texts that it quotes are those that come.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  HttpTransport,
  libraryCodes,
  NatsTransport,
  type NatsTransportOptions,
  type Transport,
} from "../../mod.ts";
import { refusePlaintextCredentials } from "../../src/nats/plaintext-credentials.ts";
import { parseServerAddress } from "../../src/nats/server-address.ts";
import { anchorsOf } from "../../scripts/documentation/check-links.ts";
import { withoutCode } from "../../scripts/documentation/without-code.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { toError } from "../support/to-error.ts";

const page = await readFile(new URL("../../docs/troubleshooting.md", import.meta.url), "utf8");

const orders = createContract({
  name: "orders",
  version: "1.0.0",
  requests: { createOrder: { request: v.object({ sku: v.string() }), response: v.object({ id: v.string() }) } },
  events: { orderCreated: v.object({ id: v.string() }) },
});

/** What a use of the library ends with. */
async function failureOf(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (thrown) {
    return toError(thrown);
  }
  throw new Error("Expected a failure");
}

async function connect(transport: Transport): Promise<void> {
  await using client = createMessagingClient({ contract: orders, transport });
  await client.connect();
}

function connectionFailure(options: NatsTransportOptions): Promise<Error> {
  return failureOf(() => connect(new NatsTransport(options)));
}

/** What begins a row of a table or an entry of a list; sentences name the beginnings of texts alone. */
const quoted = [...withoutCode(page).matchAll(/^(?:\| |- )`([^`\n]+)`/gm)].map(([, text]) => text!);

/** Whether the page quotes a text, where a `…` stands for anything. */
function assertQuoted({ message }: Error): void {
  const matches = quoted.some((text) => {
    const pattern = text.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+");
    return new RegExp(`^${pattern}$`, "s").test(message);
  });
  assert.ok(matches, `docs/troubleshooting.md does not quote: ${message}`);
}

describe("docs/troubleshooting.md", (test) => {
  test("has a heading for each code, and no other code", () => {
    const anchors = anchorsOf(page);
    for (const code of Object.keys(libraryCodes)) assert.ok(anchors.has(code.toLowerCase()), code);
    const headings = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
    assert.equal([...headings].sort(), Object.keys(libraryCodes).sort());
  });

  test("quotes what comes where nothing listens, a name is unknown, or something else answers", async () => {
    const port = await freePort();
    assertQuoted(await connectionFailure({ servers: `nats://127.0.0.1:${port}` }));
    assertQuoted(await connectionFailure({ servers: "nats://nats.invalid:4222" }));
    const other = createServer((_request, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
    await once(other, "listening");
    try {
      const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
      assertQuoted(await connectionFailure({ servers: `nats://${address}` }));
      assertQuoted(await failureOf(() => connect(new HttpTransport({ url: `http://${address}` }))));
    } finally {
      other.closeAllConnections();
      other.close();
    }
    assertQuoted(await failureOf(() => connect(new HttpTransport({ url: `http://127.0.0.1:${port}` }))));
  });

  test("quotes what comes of options and of calls that cannot work", async () => {
    const servers = "nats://127.0.0.1:4222";
    assertQuoted(await failureOf(() => new NatsTransport({ servers: "nats://ann:secret@127.0.0.1:4222" })));
    // A broker on another machine: nothing is dialled for it.
    const link = { encrypted: false, peerAddress: "192.0.2.1" };
    const elsewhere = parseServerAddress("nats://192.0.2.1:4222");
    const password = { kind: "password", user: "ann", password: "secret" } as const;
    assertQuoted(await failureOf(() => refusePlaintextCredentials(password, link, elsewhere)));
    const client = createMessagingClient({ contract: orders, transport: new NatsTransport({ servers }) });
    assertQuoted(await failureOf(() => client.request("createOrder", { sku: "A1" })));
    const subscribe = client.subscribe as (...given: unknown[]) => unknown;
    assertQuoted(await failureOf(() => subscribe("orderCreated", () => {}, {})));
    const transport = new NatsTransport({ servers });
    assertQuoted(await failureOf(() => createMessagingServer({ contract: orders, transport }).start()));
    const closed = createContract({
      name: "closed",
      version: "1.0.0",
      roles: { clerk: {} },
      events: {
        told: { schema: v.object({}), access: { subscribe: ["clerk"] } },
      },
    });
    assertQuoted(await failureOf(() => createMessagingServer({ contract: closed, transport }).start()));
  });
});

describeWithNatsServer("docs/troubleshooting.md, at a broker,", {}, (test) => {
  test("quotes what comes where nobody serves", async () => {
    await using server = await startNatsServer();
    const transport = new NatsTransport({ servers: server.url });
    await using client = createMessagingClient({ contract: orders, transport });
    await client.connect();
    assertQuoted(await failureOf(() => client.request("createOrder", { sku: "A1" })));
  });

  test("quotes what comes of the wrong scheme", async () => {
    await using plain = await startNatsServer({ websocket: true });
    assertQuoted(await connectionFailure({ servers: plain.url.replace("nats:", "tls:") }));
    assertQuoted(await connectionFailure({ servers: `nats://127.0.0.1:${plain.websocketPort}` }));
    assertQuoted(await connectionFailure({ servers: `ws://127.0.0.1:${plain.port}` }));
  });

  test("quotes what comes of certificates", { timeoutMs: 30_000 }, async () => {
    const certificates = await makeCertificates();
    const caFile = certificates.authority.certificateFile;
    const listener = (pair: { certificateFile: string; keyFile: string }, verify = false) => {
      return startNatsServer({ tls: { certFile: pair.certificateFile, keyFile: pair.keyFile, caFile, verify } });
    };
    {
      await using server = await listener(certificates.server);
      assertQuoted(await connectionFailure({ servers: server.url }));
      const other = certificates.otherAuthority.certificateFile;
      assertQuoted(await connectionFailure({ servers: server.url, authentication: { tls: { caFile: other } } }));
      const missing = { tls: { caFile: "/path/to/ca.pem" } };
      assertQuoted(await connectionFailure({ servers: server.url, authentication: missing }));
    }
    for (const pair of [certificates.misnamedServer, certificates.expiredServer]) {
      await using server = await listener(pair);
      assertQuoted(await connectionFailure({ servers: server.url, authentication: { tls: { caFile } } }));
    }
    await using strict = await listener(certificates.server, true);
    assertQuoted(await connectionFailure({ servers: strict.url, authentication: { tls: { caFile } } }));
    for (const { certificateFile: certFile, keyFile } of [certificates.strangerClient, certificates.expiredClient]) {
      const tls = { caFile, certFile, keyFile };
      assertQuoted(await connectionFailure({ servers: strict.url, authentication: { tls } }));
    }
    certificates.remove();
  });

  test("quotes what comes of credentials and of permissions", async () => {
    const permissions = 'publish: { allow: ["orders.v1.event.>"] }, subscribe: { allow: ["_INBOX_ann.>"] }';
    await using server = await startNatsServer({
      config: `authorization { users: [{ user: "ann", password: "right", permissions: { ${permissions} } }] }`,
    });
    const servers = server.url;
    const ann = { user: "ann", password: "right" };
    assertQuoted(await connectionFailure({ servers }));
    assertQuoted(await connectionFailure({ servers, authentication: { ...ann, password: "wrong" } }));
    assertQuoted(await connectionFailure({ servers, authentication: { ...ann, token: "one too many" } }));
    assertQuoted(await connectionFailure({ servers, authentication: { creds: "dev.creds" } }));
    const failing = { creds: () => Promise.reject(new Error("no such secret")) };
    assertQuoted(await connectionFailure({ servers, authentication: failing }));

    const open = async (inbox: Pick<NatsTransportOptions, "inboxPrefix">) => {
      const transport = new NatsTransport({ servers, authentication: ann, ...inbox });
      const client = createMessagingClient({ contract: orders, transport });
      await client.connect();
      return client;
    };
    await using client = await open({ inboxPrefix: "_INBOX_ann" });
    assertQuoted(await failureOf(() => client.request("createOrder", { sku: "A1" })));
    assertQuoted(await failureOf(() => client.subscribe("orderCreated", () => {}).ready));
    await using misled = await open({});
    assertQuoted(await failureOf(() => misled.request("createOrder", { sku: "A1" })));
  });
});
