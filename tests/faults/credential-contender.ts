import { jwtAuthenticator, type NatsConnection, usernamePasswordAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { createMessagingClient, createMessagingServer, type NatsAuthentication, NatsTransport } from "../../mod.ts";
import type { ContenderName } from "./contender.ts";
import { faultsContract, faultsSubjects } from "./faults-contract.ts";

/** Where credentials come from: asked before each dial, and it may throw. */
export type CredentialSource =
  | { readonly kind: "jwt"; readonly jwt: () => string; readonly nkeySeed: string }
  | { readonly kind: "password"; readonly user: string; readonly password: () => string };

/** A connection that asks itself, so that one connection is all that the broker lets in or not. */
export interface CredentialCaller {
  /** Asks; rejects when there is no answer in time. */
  ask(timeoutMs: number): Promise<void>;
  /** Whether it has given up for good. */
  readonly gaveUp: boolean;
  close(): Promise<void>;
}

/** Connects with these credentials. */
export function openCredentialCaller(
  name: ContenderName,
  servers: string,
  source: CredentialSource,
): Promise<CredentialCaller> {
  return name === "ours" ? openOurs(servers, source) : openNatsJs(servers, source);
}

async function openOurs(servers: string, source: CredentialSource): Promise<CredentialCaller> {
  const authentication: NatsAuthentication = source.kind === "jwt"
    ? { jwt: source.jwt, nkeySeed: source.nkeySeed }
    : { user: source.user, password: source.password };
  const transport = new NatsTransport({ servers, authentication });
  const client = createMessagingClient({ contract: faultsContract, transport });
  const server = createMessagingServer({ contract: faultsContract, transport });
  server.registerHandler("ask", (request) => request);
  await client.connect();
  await server.start({ partial: true });
  return {
    ask: async (timeoutMs) => void await client.request("ask", { text: "?" }, { timeoutMs }),
    get gaveUp() {
      return client.status === "closed" || client.status === "disconnected";
    },
    close: async () => void await Promise.all([client.disconnect(), server.stop({ graceMs: 10 })]),
  };
}

async function openNatsJs(servers: string, source: CredentialSource): Promise<CredentialCaller> {
  const authenticator = source.kind === "jwt"
    ? jwtAuthenticator(source.jwt, new TextEncoder().encode(source.nkeySeed))
    : usernamePasswordAuthenticator(source.user, source.password);
  const connection: NatsConnection = await connect({ servers, authenticator });
  connection.subscribe(faultsSubjects.ask, {
    callback: (error, message) => {
      if (error === null) message.respond(message.data);
    },
  });
  return {
    ask: async (timeoutMs) => void await connection.request(faultsSubjects.ask, "{}", { timeout: timeoutMs }),
    get gaveUp() {
      return connection.isClosed();
    },
    close: () => connection.close(),
  };
}
