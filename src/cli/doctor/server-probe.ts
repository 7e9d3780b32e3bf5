import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { NatsTlsOptions } from "../../nats/authentication.ts";
import { isIpAddress, type ServerAddress } from "../../nats/server-address.ts";

/** What a server shows to anybody who connects, before credentials. */
export interface ServerSight {
  /** Its `INFO`; `undefined` over WebSocket and where TLS comes first. */
  readonly info: Readonly<Record<string, unknown>> | undefined;
  /** How the way there is encrypted; `undefined` where it is not. */
  readonly tls: TlsSight | undefined;
}

/** How a way is encrypted. */
export interface TlsSight {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Whom the certificate is for. */
  readonly subject: string;
  /** When it ends, in milliseconds since 1970. */
  readonly validUntil: number;
}

/** How a server is looked at. */
export interface ProbeOptions {
  /** Given where encryption is wanted. */
  readonly tls: NatsTlsOptions | undefined;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The server took the connection, and said nothing: no NATS listener is so quiet. */
export class NoGreetingError extends Error {}

const maximumInfoBytes = 64 * 1024;

/** Looks at a server without signing in. Rejects with the runtime's own error. */
export async function probeServer(server: ServerAddress, options: ProbeOptions): Promise<ServerSight> {
  const wantsTls = server.encrypted || options.tls !== undefined;
  const tlsComesFirst = server.kind === "websocket" || options.tls?.handshakeFirst === true;
  // The last one alone is ended, and ends the one under it: ended first, that one takes Node 20 down (SIGSEGV, 20.20).
  const opened: Socket[] = [];
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const end = (): void => {
    const socket = opened.at(-1);
    const text = `no answer within ${options.timeoutMs} ms`;
    socket?.destroy(opened.length === 1 && !socket.connecting ? new NoGreetingError(text) : new Error(text));
  };
  limit.addEventListener("abort", end, { once: true });
  try {
    const socket = connect(server.port, server.hostname);
    opened.push(socket);
    if (server.kind === "websocket" && !wantsTls) {
      await once(socket, "connect");
      return { info: undefined, tls: undefined };
    }
    const info = tlsComesFirst ? undefined : await readInfo(socket);
    if (!wantsTls && info?.["tls_required"] !== true) return { info, tls: undefined };
    const secured = connectTls({ ...await tlsOptions(server, options.tls), socket });
    opened.push(secured);
    await once(secured, "secureConnect");
    return { info, tls: sightOf(secured) };
  } finally {
    limit.removeEventListener("abort", end);
    for (const socket of opened) socket.on("error", () => {});
    opened.at(-1)?.destroy();
  }
}

function sightOf(socket: TLSSocket): TlsSight {
  const certificate = socket.getPeerCertificate();
  const names = certificate.subjectaltname?.replaceAll("IP Address:", "").replaceAll("DNS:", "");
  return {
    protocol: socket.getProtocol() ?? "TLS",
    subject: names ?? String(certificate.subject?.CN ?? "no name"),
    validUntil: Date.parse(certificate.valid_to),
  };
}

async function tlsOptions(server: ServerAddress, tls: NatsTlsOptions | undefined): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all(
    [tls?.caFile, tls?.certFile, tls?.keyFile].map((path) => path === undefined ? undefined : readFile(path)),
  );
  return {
    // Without a name to send, the certificate would be checked against "localhost".
    ...(isIpAddress(server.hostname) ? { host: server.hostname } : { servername: server.hostname }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readInfo(socket: Socket): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  return await new Promise((resolve, reject) => {
    socket.on("data", (chunk: Uint8Array) => {
      text += new TextDecoder().decode(chunk);
      const line = /^INFO (\{.*?\})\s*\r\n/s.exec(text)?.[1];
      if (line === undefined && text.length < maximumInfoBytes && "INFO ".startsWith(text.slice(0, 5))) return;
      socket.removeAllListeners();
      socket.pause();
      try {
        resolve(JSON.parse(line ?? ""));
      } catch {
        reject(new NoGreetingError("what listens there is no NATS server"));
      }
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it closed the connection without a word")));
  });
}

function once(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it closed the connection")));
  });
}
