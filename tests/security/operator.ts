import { createAccount, createOperator, encodeAccount, encodeOperator, newScopedSigner } from "@nats-io/jwt";
import type { BrokerPermissions } from "../../src/security/broker-permissions.ts";

type KeyPair = ReturnType<typeof createAccount>;
type AccountFields = NonNullable<Parameters<typeof encodeAccount>[2]>;

/** An operator with one account, as a server's configuration and as keys. */
export interface TestOperator {
  /** Text for the configuration: everything is in memory. */
  readonly config: string;
  /** The account's public key. */
  readonly account: string;
  /** The seed of the account's own key. */
  readonly accountSeed: string;
  /** The seed of a signing key of the account. */
  readonly signingKeySeed: string;
  /** The seed of a signing key whose users may do what the template says; absent without a template. */
  readonly scopedSeed: string | undefined;
}

/** What an operator's account is to have. */
export interface TestOperatorOptions {
  /** Permissions of a scoped signing key. */
  readonly template?: BrokerPermissions;
  /** More of the account's JWT. */
  readonly fields?: (account: string) => AccountFields;
}

/** Makes an operator in operator mode with resolver MEMORY. */
export async function makeOperator({ template, fields }: TestOperatorOptions = {}): Promise<TestOperator> {
  const [operator, system, account, signer, scoped] = [
    createOperator(),
    createAccount(),
    createAccount(),
    createAccount(),
    createAccount(),
  ];
  const scope = template === undefined ? [] : [
    newScopedSigner(scoped, "scoped", { pub: template.publish, sub: template.subscribe }),
  ];
  const limits = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
  const accountJwt = await encodeAccount("app", account, {
    // The system account may have no streams.
    limits: { ...limits, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
    signing_keys: [signer.getPublicKey(), ...scope],
    ...fields?.(account.getPublicKey()),
  }, { signer: operator });
  const systemJwt = await encodeAccount("system", system, { limits }, { signer: operator });
  const operatorJwt = await encodeOperator("test", operator, { system_account: system.getPublicKey() });
  return {
    config: `operator: ${operatorJwt}
      resolver: MEMORY
      system_account: ${system.getPublicKey()}
      resolver_preload: { ${system.getPublicKey()}: ${systemJwt}, ${account.getPublicKey()}: ${accountJwt} }`,
    account: account.getPublicKey(),
    accountSeed: seedOf(account),
    signingKeySeed: seedOf(signer),
    scopedSeed: template === undefined ? undefined : seedOf(scoped),
  };
}

/** A key pair's seed as text. */
export function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}
