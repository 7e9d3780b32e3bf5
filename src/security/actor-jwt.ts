import { actorExpiry } from "../contract/actor-expiry.ts";
import type { Actor } from "../contract/actor.ts";
import { accessDecision } from "../contract/roles.ts";
import { encodeToken } from "../contract/token.ts";
import { systemClock } from "../transport/clock.ts";
import type { AuthCalloutOptions } from "./auth-callout-options.ts";
import { type BrokerPermissions, brokerPermissions, mergePermissions } from "./broker-permissions.ts";
import { checkPrivateInboxPrefix, privateInboxPrefix } from "./inbox-prefix.ts";
import { signUserJwt } from "./sign-user-jwt.ts";
import { shareParameters } from "./subject-parameters.ts";

/**
 * The JWT of a verified actor: what the contracts give its roles, for as long as its token is good and no longer than a
 * session. `undefined` where it may use nothing, or no longer.
 *
 * @throws {TypeError} where the options' own functions give what cannot be used
 */
export async function actorJwt(
  actor: Actor,
  publicKey: string,
  options: AuthCalloutOptions,
): Promise<string | undefined> {
  const { signingKeySeed, issuerAccount, account = "$G", sessionMs = 3_600_000, clock = systemClock } = options;
  const name = encodeToken(actor.id);
  const permissions = actorPermissions(actor, options);
  const sessionEnd = Math.ceil((clock.date() + sessionMs) / 1000);
  const expiresAt = Math.min(sessionEnd, Math.floor(actorExpiry(actor) / 1000));
  if (name === undefined || permissions === undefined || !(expiresAt * 1000 > clock.date())) return undefined;
  return await signUserJwt({ name, publicKey, permissions, expiresAt, audience: account }, {
    signingKeySeed,
    issuerAccount,
  });
}

function actorPermissions(actor: Actor, options: AuthCalloutOptions): BrokerPermissions | undefined {
  const { contracts, namespace, params, also } = options;
  const prefixOf = options.inboxPrefix ?? (({ id }) => privateInboxPrefix(id));
  const inboxPrefix = checkPrivateInboxPrefix(prefixOf(actor));
  const share = shareParameters(contracts, params?.(actor) ?? {});
  const usable = contracts.filter((contract) =>
    [...contract.requests.values(), ...contract.events.values()].some(({ access }) =>
      accessDecision(contract.roles, access, actor.roles)
    )
  );
  const granted = [
    ...usable.map((contract) =>
      brokerPermissions(contract, {
        // An actor may hold roles of other contracts, too.
        role: actor.roles.filter((role) => contract.roles.has(role)),
        inboxPrefix,
        params: share(contract),
        ...(namespace === undefined ? {} : { namespace }),
      })
    ),
    ...also?.(actor, inboxPrefix) ?? [],
  ];
  return granted.length === 0 ? undefined : mergePermissions(granted);
}
