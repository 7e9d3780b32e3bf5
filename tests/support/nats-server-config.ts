import { join } from "node:path";

/** Certificates of a listener, as paths of PEM files. */
export interface NatsServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authority that client certificates are checked against. */
  readonly caFile?: string;
  /** Whether clients must show a certificate. @default false */
  readonly verify?: boolean;
  /** Whether the certificate's name is the user, too. @default false */
  readonly verifyAndMap?: boolean;
  /** Whether TLS starts before the server's INFO (nats-server 2.10.4 and later). @default false */
  readonly handshakeFirst?: boolean;
}

/** What the server of a test is like. */
export interface NatsServerOptions {
  /** Text that is added to the configuration as it is: users, accounts, limits. */
  readonly config?: string;
  /** Whether it listens for WebSockets. @default false, or true when `websocketTls` is given */
  readonly websocket?: boolean;
  readonly tls?: NatsServerTls;
  readonly websocketTls?: NatsServerTls;
  /** Whether JetStream is on, stored in the temporary folder. @default false */
  readonly jetstream?: boolean;
  /** Whether the HTTP monitoring endpoint is on. @default false */
  readonly monitoring?: boolean;
}

export interface NatsServerPorts {
  readonly port: number;
  readonly websocketPort: number | undefined;
  readonly monitoringPort: number | undefined;
}

/** The text of the configuration file. */
export function renderConfig(options: NatsServerOptions, ports: NatsServerPorts, folder: string): string {
  const parts = [`listen: "127.0.0.1:${ports.port}"`];
  if (options.tls !== undefined) parts.push(renderTls(options.tls));
  if (ports.monitoringPort !== undefined) parts.push(`http: "127.0.0.1:${ports.monitoringPort}"`);
  if (options.jetstream) parts.push(`jetstream { store_dir: ${JSON.stringify(join(folder, "jetstream"))} }`);
  if (ports.websocketPort !== undefined) {
    const security = options.websocketTls === undefined ? "no_tls: true" : renderTls(options.websocketTls);
    parts.push(`websocket {\n  listen: "127.0.0.1:${ports.websocketPort}"\n  ${security}\n}`);
  }
  parts.push(options.config ?? "");
  return parts.join("\n") + "\n";
}

function renderTls(tls: NatsServerTls): string {
  const lines = [`cert_file: ${JSON.stringify(tls.certFile)}`, `key_file: ${JSON.stringify(tls.keyFile)}`];
  if (tls.caFile !== undefined) lines.push(`ca_file: ${JSON.stringify(tls.caFile)}`);
  if (tls.verify) lines.push("verify: true");
  if (tls.verifyAndMap) lines.push("verify_and_map: true");
  if (tls.handshakeFirst) lines.push("handshake_first: true");
  return `tls {\n  ${lines.join("\n  ")}\n}`;
}
