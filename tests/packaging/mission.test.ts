import * as assert from "uvu/assert";
import { blocks, replace } from "../mission/project.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { installPackage, type NpmRuntime, npmRuntimes } from "./installed-package.ts";

const timeoutMs = 90_000;

const afterClient = `
console.log('Response:', JSON.stringify(response));
await client.request('yourRequest', { data: 'after the subscription' });
console.log('Subscribed');
`;
const afterServer = `
console.log('Server started');
`;

/** The client asks one server, and hears the event of another that starts when it listens. */
async function exchange(runtime: NpmRuntime, client: string, server: string): Promise<void> {
  const { write, start } = await installPackage();
  const [clientFile, serverFile] = [`client-${runtime}.ts`, `server-${runtime}.ts`];
  await write(clientFile, client + afterClient);
  await write(serverFile, server + afterServer);
  await using first = await start(runtime, serverFile);
  await first.line(/^Server started$/);
  await using asking = await start(runtime, clientFile);
  assert.is(await asking.line(/^Response:/), 'Response: {"result":"success"}');
  await asking.line(/^Subscribed$/);
  await using second = await start(runtime, serverFile);
  await asking.line(/^Event received: \{/);
  // Bun gives it a line of its own.
  await asking.line(/message: ['"]Something happened!['"]/);
  for (const program of [asking, first, second]) assert.is((await program.stop()).errorOutput, "");
}

for (const runtime of npmRuntimes) {
  describeWithNatsServer(`The mission's code blocks, from the packed package in ${runtime}`, {}, (test) => {
    test("exchange a request and an event", { timeoutMs }, async () => {
      const config = `authorization { users: [{ user: "dev-user", password: "dev-password" }] }`;
      await using server = await startNatsServer({ config });
      const atServer = (block: string): string => replace(block, "nats://your-cloud-nats-server:4222", server.url);
      await exchange(runtime, atServer(blocks.client), atServer(blocks.server));
    });

    test("do so in production, with client certificates", { timeoutMs }, async () => {
      const { server: serverPair, authority, client } = await makeCertificates();
      const { certificateFile: certFile, keyFile } = serverPair;
      const tls = { certFile, keyFile, caFile: authority.certificateFile, verify: true };
      await using server = await startNatsServer({ tls });
      let production = replace(
        blocks.production,
        "nats://internal-nats-server:4222",
        `nats://127.0.0.1:${server.port}`,
      );
      production = replace(production, "/path/to/ca.pem", authority.certificateFile);
      production = replace(production, "/path/to/cert.pem", client.certificateFile);
      production = replace(production, "/path/to/key.pem", client.keyFile);
      // The block makes a transport; the application's own is the one above it, which it takes the place of.
      const inProduction = (block: string): string => {
        const development = /new NatsTransport\(\{.*?\n {2}\}\)/s.exec(block)![0];
        const [imports, rest] = replace(block, development, "transport").split("// For development\n");
        return `${imports}${production}\n${rest}`;
      };
      await exchange(runtime, inProduction(blocks.client), inProduction(blocks.server));
    });
  });
}
