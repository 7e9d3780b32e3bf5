import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { createMessagingClient, type Transport } from "../../mod.ts";
import { natsServerConfig } from "../../src/security/mod.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { createDeskServer, deskContract } from "../transport-behaviour/desk.ts";

const guide = await readFile(new URL("../../docs/security.md", import.meta.url), "utf8");
const library = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** A transport of the guide, word for word, with its addresses and paths put in place. */
async function transportOf(step: string, places: Readonly<Record<string, string>> = {}): Promise<Transport> {
  const block = new RegExp(`^ {3}\`\`\`ts ${step}\\n([^]*?)^ {3}\`\`\``, "m").exec(guide)?.[1];
  if (block === undefined) throw new Error(`docs/security.md has no block for ${step}`);
  let text = block.replace("@magicbutton/messaging", pathToFileURL(library).href);
  for (const [from, to] of Object.entries(places)) {
    assert.ok(text.includes(from), `${step} has no ${from}`);
    text = text.replaceAll(from, to.replaceAll("\\", "/"));
  }
  const folder = await mkdtemp(join(tmpdir(), "messaging-guide-"));
  const file = join(folder, "transport.ts");
  try {
    await writeFile(file, text);
    return (await import(pathToFileURL(file).href) as { transport: Transport }).transport;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The application: it knows nothing of where it runs. */
async function runApplication(serverTransport: Transport, clientTransport: Transport): Promise<void> {
  const { server } = createDeskServer({ name: "guide", connect: () => serverTransport }, "guide");
  const client = createMessagingClient({ contract: deskContract, transport: clientTransport, namespace: "guide" });
  await using _server = server;
  await using _client = client;
  await server.start();
  await client.connect();
  assert.is((await client.request("order", { sku: "A1" })).id, "A1-1");
  const stream = client.events("opened");
  await stream.ready;
  await server.broadcast("opened", { at: 7 });
  assert.is((await stream.next()).value.data.at, 7);
}

describe("docs/security.md, on a laptop", (test) => {
  test("the application runs", async () => {
    const transport = await transportOf("laptop");
    await runApplication(transport, transport);
  });
});

describeWithNatsServer("docs/security.md, on the way to production", {}, (test) => {
  test("the same application runs in shared development, with permissions from its contract", async () => {
    const certificates = await makeCertificates();
    const { certificateFile, keyFile } = certificates.server;
    await using broker = await startNatsServer({
      tls: { certFile: certificateFile, keyFile },
      config: natsServerConfig(deskContract, {
        users: [
          { user: "dev-user", password: "dev-password", role: [], namespace: "guide" },
          { user: "dev-service", password: "dev-password", service: true, namespace: "guide" },
        ],
      }),
    });
    const places = {
      "tls://dev-nats.example.com:4222": broker.url,
      "/path/to/ca.pem": certificates.authority.certificateFile,
    };
    const user = await transportOf("development", places);
    const service = await transportOf("development", { ...places, "dev-user": "dev-service" });
    await runApplication(service, user);
    await certificates.remove();
  });

  test("the same application runs in production, with client certificates", async () => {
    const certificates = await makeCertificates();
    const { authority, server, client } = certificates;
    await using broker = await startNatsServer({
      tls: {
        certFile: server.certificateFile,
        keyFile: server.keyFile,
        caFile: authority.certificateFile,
        verify: true,
      },
    });
    const places = {
      "tls://internal-nats-server:4222": broker.url,
      "/path/to/ca.pem": authority.certificateFile,
      "/path/to/cert.pem": client.certificateFile,
      "/path/to/key.pem": client.keyFile,
    };
    await runApplication(await transportOf("production", places), await transportOf("production", places));
    await certificates.remove();
  });
});
