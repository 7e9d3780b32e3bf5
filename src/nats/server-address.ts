/** A NATS server, as `servers` names it. */
export interface ServerAddress {
  /** How its bytes travel. */
  readonly kind: "tcp" | "websocket";
  /** A name or an address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Whether the scheme says encrypted: `tls` and `wss` mean encrypted or nothing (ADR-40). */
  readonly encrypted: boolean;
  /** The URL to open a WebSocket with, and to show: it never holds credentials. */
  readonly url: string;
  /** The name its certificate must be for. @default the host's */
  readonly tlsName?: string;
}

interface Scheme {
  readonly kind: "tcp" | "websocket";
  readonly encrypted: boolean;
  readonly port: number;
}

const schemes: Readonly<Record<string, Scheme>> = {
  nats: { kind: "tcp", encrypted: false, port: 4222 },
  tls: { kind: "tcp", encrypted: true, port: 4222 },
  ws: { kind: "websocket", encrypted: false, port: 80 },
  wss: { kind: "websocket", encrypted: true, port: 443 },
};

/**
 * Reads one entry of `servers`; without a scheme it is `nats://`.
 *
 * @throws {TypeError} for anything else, without showing what could be a secret
 */
export function parseServerAddress(text: string): ServerAddress {
  const match = typeof text === "string" ? /^(?:([a-z][a-z0-9+.-]*):\/\/)?([\x21-\x7e]+)$/i.exec(text) : null;
  const name = (match?.[1] ?? "nats").toLowerCase();
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  const rest = match?.[2];
  if (scheme === undefined || rest === undefined) {
    throw new TypeError(
      `Cannot use a server URL: nats://, tls://, ws:// or wss:// with a host is wanted, not ${shown(text)}`,
    );
  }
  // The URL parser knows hosts and ports of web schemes only, and drops the web's own port.
  const standIn = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (standIn === undefined || standIn.hostname === "") {
    throw new TypeError(`Cannot use a server URL: its host or port is not one: ${shown(text)}`);
  }
  if (standIn.username !== "" || standIn.password !== "") {
    throw new TypeError(
      "Cannot use a server URL with credentials in it: give them as `authentication`, where they stay out of logs",
    );
  }
  const path = standIn.pathname === "/" ? "" : standIn.pathname;
  if (scheme.kind === "tcp" && (path !== "" || standIn.search !== "" || standIn.hash !== "")) {
    throw new TypeError(`Cannot use a server URL: a nats:// or tls:// URL has no path: ${shown(text)}`);
  }
  const written = /:(\d+)(?:[/?#]|$)/.exec(rest.replace(/^\[[^\]]*\]/, ""))?.[1];
  const port = written === undefined ? scheme.port : Number(written);
  if (port < 1) throw new TypeError(`Cannot use a server URL: its host or port is not one: ${shown(text)}`);
  return {
    kind: scheme.kind,
    hostname: standIn.hostname.replace(/^\[|\]$/g, ""),
    port,
    encrypted: scheme.encrypted,
    url: `${name}://${standIn.hostname}:${port}${path}${standIn.search}`,
  };
}

/** What was given, without what may be a secret: credentials, a port that is no number, a query, or what is no URL at all. */
function shown(text: unknown): string {
  if (typeof text !== "string") return String(text === null ? text : typeof text);
  const address = /^([a-z][a-z0-9+.-]*:\/\/)?(?:.*@)?(\[[^\]]*\]|[^:/?#]*)((?::\d+)?(?:\/[^?#]*)?)(.*)$/i;
  const match = /^[\x21-\x7e]{0,256}$/.test(text) ? address.exec(text) : null;
  if (match === null) return "what was given";
  const [, scheme = "", host, end, rest] = match;
  return `"${scheme}${host}${end}${rest === "" ? "" : "…"}"`;
}

/** Tells an address of IP version 4 or 6 from a name. */
export function isIpAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
