import { NatsTransport } from "../../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../../support/nats-server.ts";
import { describe } from "../../support/suite.ts";
import { gatewayOverHttp } from "./gateway-over-http.ts";
import { createIdentityProvider } from "./identity-provider.ts";
import { type HostName, startHost } from "./start-host.ts";

const origin = "https://app.example.com";

/** Runs the tests of the gateway against one that a runtime serves, in front of a real nats-server. */
export async function serveGateway(name: HostName): Promise<void> {
  if (!hasNatsServer) {
    return describe(name, (test) => test.skip("the gateway", whyNoNatsServer ?? "there is no nats-server"));
  }
  const server = await startNatsServer({ websocket: true, jetstream: true });
  const provider = await createIdentityProvider();
  const host = await startHost(name, server, { issuer: provider.issuer, keys: provider.keys, origin });
  // A Durable Object is told nothing, with the flags `enable_request_signal` and `request_signal_passthrough` or without.
  const hearsLeaving = name !== "workerd";
  const connect = (): NatsTransport => new NatsTransport({ servers: server.url });
  gatewayOverHttp({ name, urlOf: (namespace) => host.url + namespace, connect, provider, origin, hearsLeaving });
}
