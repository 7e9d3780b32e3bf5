/** What a server asks: who is this, that wants to connect? */
export interface AuthCalloutRequest {
  /** The public key of the server, `N…`, which the answer is for. */
  readonly serverId: string;
  /** The server's curve key, `X…`, where questions and answers are encrypted. */
  readonly serverXkey: string | undefined;
  /** The public key, `U…`, that the server has made for this connection: the answer must be about it. */
  readonly userKey: string;
  /** What the client shows of itself: its token, or else its password. */
  readonly token: string | undefined;
  /** Where the client says or seems to be, for the log. */
  readonly client: { readonly host: string; readonly name: string };
}

/** The audience of every question (nats-server, `AuthRequestSubject`). */
const audience = "nats-authorization-request";
const maximumTextLength = 128;

/**
 * Reads a server's question and checks that a server signed it, for this issuer, a moment ago.
 *
 * @throws {TypeError} where it is anything else; never with a part of it in the text
 */
export async function readAuthCalloutRequest(
  jwt: string,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): Promise<AuthCalloutRequest> {
  const { decode } = await import("@nats-io/jwt");
  let claims: Record<string, unknown>;
  try {
    // It checks the signature, by the key that the JWT itself names; but it reads UTF-8 as Latin-1 (0.0.11).
    decode(jwt);
    claims = JSON.parse(decodeUtf8(jwt.split(".")[1]!));
  } catch {
    throw new TypeError("it is no signed JWT");
  }
  const request = objectOf(claims["nats"]);
  const server = objectOf(request["server_id"]);
  const options = objectOf(request["connect_opts"]);
  const client = objectOf(request["client_info"]);
  const { iss, sub, aud, exp } = claims;
  if (aud !== audience || request["type"] !== "authorization_request") {
    throw new TypeError("it is no question of a server");
  }
  if (typeof iss !== "string" || !/^N[A-Z2-7]{55}$/.test(iss) || server["id"] !== iss) {
    throw new TypeError("it is not signed by the server that it names");
  }
  if (sub !== issuer) throw new TypeError("it is for another issuer");
  if (typeof exp !== "number" || exp * 1000 < now) throw new TypeError("it is too old");
  const userKey = request["user_nkey"];
  if (typeof userKey !== "string" || !/^U[A-Z2-7]{55}$/.test(userKey)) throw new TypeError("it names no user key");
  return {
    serverId: iss,
    serverXkey: textOf(server["xkey"]),
    userKey,
    token: textOf(options["auth_token"]) ?? textOf(options["pass"]),
    client: {
      host: (textOf(client["host"]) ?? "").slice(0, maximumTextLength),
      name: (textOf(options["name"]) ?? "").slice(0, maximumTextLength),
    },
  };
}

function decodeUtf8(base64Url: string): string {
  const binary = atob(base64Url.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(
    Uint8Array.from(binary, (character) => character.charCodeAt(0)),
  );
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
