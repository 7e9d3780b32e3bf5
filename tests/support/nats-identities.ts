import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  type KeyPair,
} from "@nats-io/jwt";

/** A user of an account, as a JWT and the seed that signs for it. */
export interface JwtUser {
  readonly jwt: string;
  readonly nkeySeed: string;
  /** The text of its `.creds` file. */
  readonly creds: string;
}

/** A user who gets one JWT after another. */
export interface RenewableUser {
  readonly nkeySeed: string;
  /** Makes a JWT that is valid from now on. */
  readonly issue: (validMs: number) => Promise<string>;
}

/** An operator with one account, for a server that trusts it. */
export interface JwtIdentities {
  /** For the server's configuration: it knows the account and no user. */
  readonly config: string;
  /** Makes a user; `validMs` may be negative for one that has expired. */
  user(name: string, validMs?: number): Promise<JwtUser>;
  /** Makes a user without a JWT. */
  renewableUser(name: string): RenewableUser;
}

/** A user's nkey: its public key for the server, its seed for the client. */
export interface NkeyUser {
  readonly publicKey: string;
  readonly nkeySeed: string;
}

const hourMs = 3_600_000;
// An account that says nothing of its limits may do nothing.
const unlimited = { conn: -1, leaf: -1, subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };

/** Makes an operator and an account under it. */
export async function makeJwtIdentities(): Promise<JwtIdentities> {
  const operator = createOperator();
  const account = createAccount();
  const operatorJwt = await encodeOperator("operator", operator);
  const accountJwt = await encodeAccount("account", account, { limits: unlimited }, { signer: operator });
  const preload = `resolver_preload: { ${account.getPublicKey()}: "${accountJwt}" }`;
  const issue = (name: string, user: KeyPair, validMs: number): Promise<string> => {
    const expires = Math.floor((Date.now() + validMs) / 1_000);
    return encodeUser(name, user, account, {}, { exp: expires });
  };
  return {
    config: `operator: "${operatorJwt}"\nresolver: MEMORY\n${preload}\n`,
    user: async (name, validMs = hourMs) => {
      const user = createUser();
      const jwt = await issue(name, user, validMs);
      return { jwt, nkeySeed: seedOf(user), creds: new TextDecoder().decode(fmtCreds(jwt, user)) };
    },
    renewableUser: (name) => {
      const user = createUser();
      return { nkeySeed: seedOf(user), issue: (validMs) => issue(name, user, validMs) };
    },
  };
}

/** Makes a user that is known by its nkey alone. */
export function makeNkeyUser(): NkeyUser {
  const user = createUser();
  return { publicKey: user.getPublicKey(), nkeySeed: seedOf(user) };
}

function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}
