import { MessagingError } from "../errors/messaging-error.ts";
import { jwtClaims } from "./jwt-claims.ts";

/** A value, or a function that gives it, now or later; it is asked again before each dial. */
export type ValueOrFunction<Value> = Value | (() => Value | Promise<Value>);

/**
 * How the connection is encrypted and who it is by certificate. Giving any of it means encrypted or nothing.
 *
 * @example
 * ```ts
 * import type { NatsTlsOptions } from "@magicbutton/messaging";
 *
 * const tls: NatsTlsOptions = { caFile: "ca.pem", certFile: "client.pem", keyFile: "client-key.pem" };
 * ```
 */
export interface NatsTlsOptions {
  /** Path of the certificate authority's PEM file. Read again before each dial. @default the system's authorities */
  readonly caFile?: string;
  /** Path of the client certificate's PEM file; with its key. Read again before each dial. */
  readonly certFile?: string;
  /** Path of the client key's PEM file; with its certificate. Read again before each dial. */
  readonly keyFile?: string;
  /** The certificate authority as PEM text. */
  readonly ca?: ValueOrFunction<string>;
  /** The client certificate as PEM text. */
  readonly cert?: ValueOrFunction<string>;
  /** The client key as PEM text. */
  readonly key?: ValueOrFunction<string>;
  /** Encrypts before the server's first word, which a server since 2.10.4 can offer. @default false */
  readonly handshakeFirst?: boolean;
}

/** Who connects to the broker: at most one kind of credentials, with or without TLS. */
export interface NatsCredentials {
  /** User name; with `password`. */
  readonly user?: ValueOrFunction<string>;
  /** Password; with `user`. */
  readonly password?: ValueOrFunction<string>;
  /** A token. */
  readonly token?: ValueOrFunction<string>;
  /** An nkey seed (`SU…`); alone or with `jwt`. */
  readonly nkeySeed?: ValueOrFunction<string>;
  /** A user JWT; with `nkeySeed`. */
  readonly jwt?: ValueOrFunction<string>;
  /** The text of a `.creds` file. */
  readonly creds?: ValueOrFunction<string | Uint8Array>;
  /** Encryption and client certificate. */
  readonly tls?: NatsTlsOptions;
}

/** Who connects to the broker, or a function that says so before each dial. */
export type NatsAuthentication = ValueOrFunction<NatsCredentials>;

/** TLS options with every function asked. */
export interface ResolvedTls {
  /** Path of a PEM file. */
  readonly caFile?: string;
  /** Path of a PEM file. */
  readonly certFile?: string;
  /** Path of a PEM file. */
  readonly keyFile?: string;
  /** PEM text. */
  readonly ca?: string;
  /** PEM text. */
  readonly cert?: string;
  /** PEM text. */
  readonly key?: string;
  /** Encrypts before the server's first word. */
  readonly handshakeFirst?: boolean;
}

/** Credentials with every function asked: one kind of them. */
export interface ResolvedAuthentication {
  /** What the broker is shown. */
  readonly credentials:
    | { readonly kind: "none" }
    | { readonly kind: "password"; readonly user: string; readonly password: string }
    | { readonly kind: "token"; readonly token: string }
    | { readonly kind: "nkey"; readonly seed: string }
    | { readonly kind: "jwt"; readonly jwt: string; readonly seed: string }
    | { readonly kind: "creds"; readonly creds: Uint8Array };
  /** Given where the connection must be encrypted by the program's wish. */
  readonly tls: ResolvedTls | undefined;
  /** When the credentials end, in milliseconds since 1970; `undefined` where they do not say. */
  readonly expiresAt: number | undefined;
}

/**
 * Asks for the credentials of one dial.
 *
 * @throws {MessagingError} `UNAUTHENTICATED` where a function fails or the values make no sense together
 */
export async function resolveAuthentication(
  authentication: NatsAuthentication | undefined,
): Promise<ResolvedAuthentication> {
  try {
    const given = await ask(authentication) ?? {};
    const credentials = await resolveCredentials(given);
    return { credentials, tls: await resolveTls(given.tls), expiresAt: endOf(credentials) };
  } catch (error) {
    const reason = error instanceof TypeError ? `: ${error.message}` : "";
    throw new MessagingError("UNAUTHENTICATED", `Cannot get the credentials of the connection${reason}`, {
      cause: error,
    });
  }
}

/**
 * Refuses a client certificate without its key, and a key without its certificate: nothing would be shown to the broker.
 *
 * @throws {TypeError} where one is missing
 */
export function checkCertificatePair({ cert, certFile, key, keyFile }: NatsTlsOptions): void {
  const [hasCertificate, hasKey] = [cert ?? certFile, key ?? keyFile].map((part) => part !== undefined);
  if (hasCertificate === hasKey) return;
  throw new TypeError(
    hasCertificate
      ? "Cannot use `tls`: a client certificate needs its key, as `keyFile` or `key`"
      : "Cannot use `tls`: a client key needs its certificate, as `certFile` or `cert`",
  );
}

/** Whether asking again may give other credentials. */
export function canBeAskedAgain(authentication: NatsAuthentication | undefined): boolean {
  return typeof authentication === "function" ||
    Object.values(authentication ?? {}).some((value) => typeof value === "function");
}

/** A token or a password may be a JWT too: an auth callout takes what the application has. */
function endOf(credentials: ResolvedAuthentication["credentials"]): number | undefined {
  const exp = jwtClaims(textOf(credentials))?.exp;
  return typeof exp === "number" ? exp * 1_000 : undefined;
}

function textOf(credentials: ResolvedAuthentication["credentials"]): string {
  switch (credentials.kind) {
    case "jwt":
      return credentials.jwt;
    case "creds":
      return new TextDecoder().decode(credentials.creds);
    case "token":
      return credentials.token;
    case "password":
      return credentials.password;
    case "nkey":
    case "none":
      return "";
  }
}

async function resolveCredentials(given: NatsCredentials): Promise<ResolvedAuthentication["credentials"]> {
  const kinds = [given.user ?? given.password, given.token, given.jwt ?? given.nkeySeed, given.creds];
  if (kinds.filter((kind) => kind !== undefined).length > 1) {
    throw new TypeError(
      "one kind of credentials is wanted: user and password, token, nkeySeed, jwt and nkeySeed, or creds",
    );
  }
  if (given.user !== undefined || given.password !== undefined) {
    return { kind: "password", user: await text(given.user, "user"), password: await text(given.password, "password") };
  }
  if (given.token !== undefined) return { kind: "token", token: await text(given.token, "token") };
  if (given.jwt !== undefined) {
    return { kind: "jwt", jwt: await text(given.jwt, "jwt"), seed: await text(given.nkeySeed, "nkeySeed") };
  }
  if (given.nkeySeed !== undefined) return { kind: "nkey", seed: await text(given.nkeySeed, "nkeySeed") };
  if (given.creds !== undefined) {
    const creds = await ask(given.creds);
    if (creds instanceof Uint8Array) return { kind: "creds", creds };
    return { kind: "creds", creds: new TextEncoder().encode(await text(creds, "creds")) };
  }
  return { kind: "none" };
}

async function resolveTls(given: NatsTlsOptions | undefined): Promise<ResolvedTls | undefined> {
  if (given === undefined) return undefined;
  checkCertificatePair(given);
  const resolved: Record<string, unknown> = {};
  for (const name of ["caFile", "certFile", "keyFile", "ca", "cert", "key", "handshakeFirst"] as const) {
    const value = await ask<string | boolean | undefined>(given[name]);
    if (value !== undefined) resolved[name] = value;
  }
  return resolved as ResolvedTls;
}

async function text(value: ValueOrFunction<string> | undefined, name: string): Promise<string> {
  const resolved = await ask(value);
  if (typeof resolved !== "string" || resolved === "") throw new TypeError(`\`${name}\` is not a text`);
  return resolved;
}

function ask<Value>(value: ValueOrFunction<Value>): Value | Promise<Value> {
  return typeof value === "function" ? (value as () => Value | Promise<Value>)() : value;
}
