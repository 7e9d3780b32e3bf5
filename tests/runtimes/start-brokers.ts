import { makeCertificates } from "../support/certificates.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import type { Brokers } from "./brokers.ts";
import { startGateways } from "./start-gateways.ts";

/** Real brokers for one run: in plain text, encrypted, and with client certificates; each over TCP and WebSocket. */
export interface RunningBrokers extends AsyncDisposable {
  readonly brokers: Brokers;
}

/** Starts the brokers of a run; they end with it, or with the process. */
export async function startBrokers(): Promise<RunningBrokers> {
  const { authority, server, client, otherAuthority, remove } = await makeCertificates();
  const tls = { certFile: server.certificateFile, keyFile: server.keyFile };
  const mutualTls = { ...tls, caFile: authority.certificateFile, verify: true };
  const [plain, encrypted, mutual, handshakeFirst] = await Promise.all([
    startNatsServer({ websocket: true, jetstream: true }),
    startNatsServer({ tls, websocketTls: tls }),
    startNatsServer({ tls: mutualTls, websocketTls: mutualTls }),
    startNatsServer({ tls: { ...tls, handshakeFirst: true } }),
  ]);
  const servers = [plain, encrypted, mutual, handshakeFirst];
  const gateways = await startGateways(plain.url);
  const urls = ({ url, websocketUrl }: NatsServer) => ({ tcpUrl: url, websocketUrl });
  return {
    brokers: {
      ...urls(plain),
      encrypted: urls(encrypted),
      mutual: urls(mutual),
      handshakeFirstUrl: handshakeFirst.url,
      gatewaysUrl: gateways.url,
      certificates: {
        ca: authority.certificate,
        caFile: authority.certificateFile,
        clientCert: client.certificate,
        clientCertFile: client.certificateFile,
        clientKey: client.key,
        clientKeyFile: client.keyFile,
        otherCa: otherAuthority.certificate,
        otherCaFile: otherAuthority.certificateFile,
      },
    },
    [Symbol.asyncDispose]: async () => {
      await gateways[Symbol.asyncDispose]();
      await Promise.all(servers.map((server) => server.stop()));
      remove();
    },
  };
}
