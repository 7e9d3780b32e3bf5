// What every runtime serves in the tests of this folder. No import of a runtime here.
import { NatsTransport } from "../../../mod.ts";
import { createGateway, type Gateway } from "../../../src/gateway/mod.ts";
import { createJwtAuthenticator, type PublicJwk } from "../../../src/security/create-jwt-authenticator.ts";
import { shop } from "../../security/shop.ts";
import { deskContract } from "../../transport-behaviour/desk.ts";

/** What a host is told by whoever starts it. */
export interface HostSettings {
  /** The broker that this runtime can reach. */
  readonly servers: string;
  /** Whose tokens are good. */
  readonly issuer: string;
  /** With which they are verified. */
  readonly keys: readonly PublicJwk[];
  /** The one foreign origin that may use it. */
  readonly origin: string;
}

/** Serves a gateway for each namespace, under `/{namespace}/`: the tests share one host and must not hear each other. */
export function createHost(settings: HostSettings): (request: Request, platform?: unknown) => Promise<Response> {
  const transport = new NatsTransport({ servers: settings.servers });
  const gateways = new Map<string, Gateway>();
  return (request, platform) => {
    const url = new URL(request.url);
    const [, namespace = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    let gateway = gateways.get(namespace);
    if (gateway === undefined) gateways.set(namespace, gateway = openGateway(settings, transport, namespace));
    return gateway.fetch(new Request(`${url.origin}${rest}${url.search}`, request), platform);
  };
}

function openGateway({ issuer, keys, origin }: HostSettings, transport: NatsTransport, namespace: string): Gateway {
  return createGateway({
    contracts: [deskContract, shop],
    transport,
    namespace,
    authenticate: createJwtAuthenticator({
      issuer,
      audience: "shop",
      algorithms: ["ES256"],
      keys,
      roles: (claims) => claims["roles"],
      clockToleranceSeconds: 0,
    }),
    authorizeEvents: ({ params, actor }) =>
      params["tenant"] === undefined || params["tenant"] === actor.claims?.["tenant"],
    cors: { origins: [origin] },
    // The behaviour suite's client sends these, and asks its handlers whether they came.
    forwardHeaders: ["X-Tenant", "X-Case"],
    // workerd tells that a stream's reader has left when the next byte goes out to it.
    limits: { streamsPerIdentity: 1_000, ratePerIdentity: false, heartbeatMs: 500 },
  });
}
