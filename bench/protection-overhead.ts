// `node --import tsx bench/protection-overhead.ts`: what encryption and each authenticator cost, as ratios to none of it.
// Over the memory transport, so that nothing but the library's own work is measured; interleaved, medians.
import { createUser } from "@nats-io/nkeys";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryTransport,
  type MessagingClientOptions,
  type MessagingServerOptions,
} from "../mod.ts";
import {
  createJwtAuthenticator,
  createNkeyAuthenticator,
  createNkeySigner,
  createPayloadEncryption,
  type PublicJwk,
} from "../src/security/mod.ts";

const contract = createContract({
  name: "bench",
  version: "1.0.0",
  roles: { clerk: {} },
  requests: {
    echo: {
      request: v.object({ text: v.string() }),
      response: v.object({ text: v.string() }),
      access: ["clerk"],
    },
  },
});
type Bench = typeof contract;
interface Contender {
  readonly client: Partial<MessagingClientOptions<Bench>>;
  readonly server: Partial<MessagingServerOptions<Bench>>;
}

const { publicKey, privateKey } = await generateKeyPair("ES256", {
  extractable: true,
});
const claims = new SignJWT({ roles: ["clerk"] }).setProtectedHeader({
  alg: "ES256",
}).setIssuer("i").setAudience(
  "bench",
);
const token = await claims.setSubject("ann").setExpirationTime("1h").sign(
  privateKey,
);
const key256 = { ...await exportJWK(publicKey), alg: "ES256" } as PublicJwk;
const jwt = (cacheSize: number): Contender => ({
  client: { token },
  server: {
    authenticate: createJwtAuthenticator({
      issuer: "i",
      audience: "bench",
      algorithms: ["ES256"],
      keys: [key256],
      roles: (found) => found["roles"],
      cacheSize,
      cacheMs: cacheSize === 0 ? 0 : 60_000,
    }),
  },
});
const user = createUser();
const key = btoa("k".repeat(32));
const encryption = createPayloadEncryption({ keys: { k: key }, current: "k" });
const anyone = { authenticate: () => ({ id: "ann", roles: ["clerk"] }) };

const contenders: Record<string, Contender> = {
  "no protection": { client: {}, server: anyone },
  "encryption, both ways": {
    client: { encryption },
    server: { ...anyone, encryption },
  },
  "JWT, verified and remembered": jwt(1_000),
  "JWT, verified each time": jwt(0),
  "nkey signature, each request": {
    client: {
      signer: createNkeySigner({
        seed: new TextDecoder().decode(user.getSeed()),
      }),
    },
    server: {
      authenticate: createNkeyAuthenticator({
        keys: { [user.getPublicKey()]: { roles: ["clerk"] } },
      }),
    },
  },
};

const rounds = 7;
const seconds = new Map<string, number[]>();
for (let round = 0; round <= rounds; round++) {
  for (const [name, contender] of Object.entries(contenders)) {
    const took = await measure(contender, 500);
    if (round > 0) seconds.set(name, [...seconds.get(name) ?? [], took]);
  }
}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;
const base = median(seconds.get("no protection")!);
for (const [name, values] of seconds) {
  console.log(
    `${name.padEnd(32)} ${
      (median(values) * 1e6 / 500).toFixed(0).padStart(7)
    } µs a request, ${(median(values) / base).toFixed(2)} ×`,
  );
}

async function measure(
  { client: clientOptions, server: serverOptions }: Contender,
  count: number,
): Promise<number> {
  const transport = new MemoryTransport();
  const server = createMessagingServer({
    contract,
    transport,
    ...serverOptions,
  });
  const client = createMessagingClient({
    contract,
    transport,
    ...clientOptions,
  });
  server.registerHandler("echo", (request) => request);
  await server.start();
  await client.connect();
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    await client.request("echo", { text: "x".repeat(100) });
  }
  const took = (performance.now() - start) / 1_000;
  await client.disconnect();
  await server.stop();
  return took;
}
