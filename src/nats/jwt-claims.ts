/** As much of a JWT's claims as is read here. */
export interface JwtClaims {
  /** When it ends, in seconds since 1970. */
  readonly exp?: unknown;
  /** What NATS adds. */
  readonly nats?: { readonly bearer_token?: unknown };
}

/** The claims of the first JWT in a text, such as a `.creds` file, not verified; `undefined` where there is none. */
export function jwtClaims(text: string): JwtClaims | undefined {
  const claims = /(?:^|\s)eyJ[\w-]*\.([\w-]+)\.[\w-]*/.exec(text)?.[1];
  if (claims === undefined) return undefined;
  try {
    return JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as JwtClaims;
  } catch {
    // It only looks like one: the broker will say so.
    return undefined;
  }
}
