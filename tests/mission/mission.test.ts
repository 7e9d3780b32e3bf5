import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { type CertificatePair, makeCertificates, type TestCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import type { ProgramResult } from "../support/program.ts";
import { blocks, Project, replace } from "./project.ts";

const documentFolder = fileURLToPath(new URL("../../../shared/mission/", import.meta.url));
// Several programs one after the other, each of which starts a runtime.
const timeoutMs = 90_000;

function users(password: string): string {
  return `authorization { users: [{ user: "dev-user", password: "${password}" }] }`;
}

function atServer(block: string, server: NatsServer): string {
  return replace(block, "nats://your-cloud-nats-server:4222", `nats://127.0.0.1:${server.port}`);
}

// The second answer comes after the broker has the subscription: both went over one connection, in this order.
const afterClient = `
console.log('Response:', JSON.stringify(response));
await client.request('yourRequest', { data: 'after the subscription' });
console.log('Subscribed');
`;
const afterServer = `
console.log('Server started');
`;

async function exchange(client: string, server: string): Promise<void> {
  await using project = await Project.create();
  await using first = await project.run("server.ts", server + afterServer);
  await first.line(/^Server started$/);
  await using asking = await project.run("client.ts", client + afterClient);
  assert.is(await asking.line(/^Response:/), 'Response: {"result":"success"}');
  await asking.line(/^Subscribed$/);

  await using second = await project.run("server.ts", server + afterServer);
  const event = "Event received: { message: 'Something happened!' }";
  assert.is(await asking.line(/^Event received:/), event);
  await second.line(/^Server started$/);

  const { standardOutput, errorOutput } = await asking.stop();
  assert.is(standardOutput, `Response: {"result":"success"}\nSubscribed\n${event}\n`);
  assert.is(errorOutput, "");
  for (const running of [first, second]) {
    const written = await running.stop();
    assert.is(written.standardOutput, "Server started\n");
    assert.is(written.errorOutput, "");
  }
}

describe("The mission's code blocks", (test) => {
  if (existsSync(documentFolder)) {
    test("are here as they stand in the document, character by character", () => {
      const names = readdirSync(documentFolder).filter((name) => name.endsWith(".txt"));
      assert.is(names.length, 1);
      const document = readFileSync(`${documentFolder}${names[0]}`, "utf8");
      const found = [...document.matchAll(/^```typescript\n(.*?)^```$/gms)].map((match) => match[1]);
      assert.equal(found, [blocks.client, blocks.server, blocks.production]);
    });
  } else {
    test.skip("are here as they stand in the document, character by character", `there is no ${documentFolder}`);
  }

  test("pass the type checker in strict mode, with the response typed by the contract", { timeoutMs }, async () => {
    await using project = await Project.create();
    await project.write("client.ts", `${blocks.client}\nexport const result: string = response.result;\n`);
    await project.write("server.ts", blocks.server);
    await project.write(
      "production.ts",
      `import { NatsTransport } from '@magicbutton/nats-transport';\n${blocks.production}\nexport { transport };\n`,
    );
    await project.write("wrong.ts", replace(blocks.client, "'yourRequest'", "'notInTheContract'"));
    const { exitCode, standardOutput } = await project.checkTypes().ended();
    const errors = standardOutput.split("\n").filter((line) => line.includes("error TS"));
    assert.is(errors.length, 1, standardOutput);
    assert.match(errors[0]!, /^wrong\.ts.*notInTheContract/);
    assert.is.not(exitCode, 0);
  });
});

describeWithNatsServer("The mission's client and server", {}, (test) => {
  test("exchange a request and an event, word for word, as dev-user", { timeoutMs }, async () => {
    await using server = await startNatsServer({ config: users("dev-password") });
    await exchange(atServer(blocks.client, server), atServer(blocks.server, server));
  });

  test("exchange a request and an event over a server that asks nobody who they are", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await exchange(atServer(blocks.client, server), atServer(blocks.server, server));
  });

  test("are refused with UNAUTHENTICATED where the password is another, and end", { timeoutMs }, async () => {
    await using server = await startNatsServer({ config: users("another-password") });
    await using project = await Project.create();
    for (const name of ["client", "server"] as const) {
      await using refused = await project.run(
        `${name}.ts`,
        atServer(blocks[name], server) + "\nconsole.log('Went on');",
      );
      const { exitCode, standardOutput, errorOutput } = await refused.ended();
      assert.is(exitCode, 1);
      assert.is(standardOutput, "");
      assert.match(errorOutput, /MessagingError: .*refuse/);
      assert.match(errorOutput, /code: 'UNAUTHENTICATED'/);
      assert.not.match(errorOutput, /dev-password|another-password/);
    }
  });
});

const beforeProduction = `import { createMessagingClient, createMessagingServer } from '@magicbutton/messaging';
import { NatsTransport } from '@magicbutton/nats-transport';
import { yourContract } from './your-contract';

`;
// It ends by itself when both have left the transport.
const afterProduction = `
const client = createMessagingClient({ transport, contract: yourContract });
await client.connect();
console.log('Status:', transport.status, client.status);

const server = createMessagingServer({ transport, contract: yourContract });
server.registerHandler('yourRequest', async (request) => ({ result: 'success for ' + request.data }));
await server.start();
console.log('Response:', JSON.stringify(await client.request('yourRequest', { data: 'example' })));

await client.disconnect();
await server.stop();
console.log('Status:', transport.status, client.status);
`;

function productionTransport(server: NatsServer, authority: CertificatePair, client: CertificatePair): string {
  let block = replace(blocks.production, "nats://internal-nats-server:4222", `nats://127.0.0.1:${server.port}`);
  block = replace(block, "/path/to/ca.pem", authority.certificateFile);
  block = replace(block, "/path/to/cert.pem", client.certificateFile);
  return replace(block, "/path/to/key.pem", client.keyFile);
}

function withoutClientCertificate(block: string): string {
  return block.split("\n").filter((line) => !/certFile|keyFile/.test(line)).join("\n");
}

async function startProductionServer({ server, authority }: TestCertificates): Promise<NatsServer> {
  const { certificateFile: certFile, keyFile } = server;
  return await startNatsServer({ tls: { certFile, keyFile, caFile: authority.certificateFile, verify: true } });
}

async function runProduction(transport: string): Promise<ProgramResult> {
  await using project = await Project.create();
  await using program = await project.run("production.ts", beforeProduction + transport + afterProduction);
  return await program.ended();
}

function assertFailed({ exitCode, standardOutput, errorOutput }: ProgramResult, reason: RegExp): void {
  assert.is(exitCode, 1, errorOutput);
  assert.is(standardOutput, "");
  assert.match(errorOutput, /MessagingError: /);
  assert.match(errorOutput, reason);
}

describeWithNatsServer("The mission's production transport", {}, (test) => {
  test("connects with a client certificate that the server demands, and serves", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const result = await runProduction(productionTransport(server, certificates.authority, certificates.client));
    assert.is(result.errorOutput, "");
    assert.is(
      result.standardOutput,
      'Status: connected connected\nResponse: {"result":"success for example"}\nStatus: closed closed\n',
    );
    assert.is(result.exitCode, 0);
  });

  test("is all that changes in the client and the server of the development", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const transport = constructionOf(productionTransport(server, certificates.authority, certificates.client));
    await exchange(
      replace(blocks.client, constructionOf(blocks.client), transport),
      replace(blocks.server, constructionOf(blocks.server), transport),
    );
  });

  test("fails clearly without a client certificate", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const block = productionTransport(server, certificates.authority, certificates.client);
    assertFailed(await runProduction(withoutClientCertificate(block)), /MessagingError: .*certificate/);
  });

  test("fails clearly with a client certificate of an authority that the server does not trust", {
    timeoutMs,
  }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const block = productionTransport(server, certificates.authority, certificates.strangerClient);
    assertFailed(await runProduction(block), /MessagingError: .*certificate/);
  });

  test("fails clearly where the server's certificate is of another authority", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const block = productionTransport(server, certificates.otherAuthority, certificates.client);
    assertFailed(await runProduction(block), /MessagingError: .*certificate/);
  });

  test("fails clearly where a certificate's file is not there", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    await using server = await startProductionServer(certificates);
    const block = productionTransport(server, certificates.authority, certificates.client);
    const missing = replace(block, certificates.client.keyFile, `${certificates.folder}/not-there.key`);
    assertFailed(await runProduction(missing), /MessagingError: .*not-there\.key/);
  });
});

/** The `new NatsTransport({ … })` of a block, which ends where a line closes what it opened. */
function constructionOf(block: string): string {
  const found = /^( *)(?:\w[\w ]*[:=] )?(new NatsTransport\(\{\n.*?\n\1\}\))/ms.exec(block);
  if (found === null) throw new Error(`Expected a NatsTransport in:\n${block}`);
  return found[2]!;
}
