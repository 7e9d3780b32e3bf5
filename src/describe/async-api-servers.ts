import type { AsyncApiSecurityScheme, AsyncApiServer } from "./async-api-document.ts";

/** How connections show the broker who they are. */
export type BrokerAuthentication = "userPassword" | "token" | "nkey" | "jwt" | "certificate";

/** How AsyncAPI calls these. */
export const brokerSchemes: Readonly<Record<BrokerAuthentication, AsyncApiSecurityScheme>> = {
  userPassword: { type: "userPassword", description: "A user and a password of the NATS server." },
  token: { type: "apiKey", in: "password", description: "A token of the NATS server." },
  nkey: { type: "asymmetricEncryption", description: "An nkey, whose seed signs the server's nonce." },
  jwt: {
    type: "asymmetricEncryption",
    description: "A user JWT, and the seed of its nkey, which signs the server's nonce.",
  },
  certificate: { type: "X509", description: "A client certificate." },
};

const protocols: Readonly<Record<string, string>> = {
  "nats:": "NATS over TCP; TLS where the server asks for it.",
  "tls:": "NATS over TCP with TLS.",
  "ws:": "NATS over WebSocket.",
  "wss:": "NATS over WebSocket with TLS.",
};
const natsPort = 4222;

/** Brokers as a document names them: never with what may stand in front of the host. @throws {TypeError} for no such URL */
export function asyncApiServers(
  urls: readonly string[],
  authentication: readonly BrokerAuthentication[],
): Record<string, AsyncApiServer> {
  const security = authentication.map((kind) => ({ $ref: `#/components/securitySchemes/${kind}` }));
  const servers = urls.map((text, index) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const description = url === undefined ? undefined : protocols[url.protocol];
    if (url === undefined || description === undefined || url.hostname === "") {
      throw new TypeError(`Cannot describe server ${index + 1}: a URL with nats:, tls:, ws: or wss: is wanted`);
    }
    const isTcp = url.protocol === "nats:" || url.protocol === "tls:";
    const host = isTcp && url.port === "" ? `${url.hostname}:${natsPort}` : url.host;
    const pathname = isTcp || url.pathname === "/" ? {} : { pathname: url.pathname };
    const server = { host, ...pathname, protocol: "nats", description } as const;
    return [`nats${index === 0 ? "" : index + 1}`, security.length === 0 ? server : { ...server, security }] as const;
  });
  return Object.fromEntries(servers);
}
