import type { Contract } from "../contract/contract.ts";
import { isToken } from "../contract/token.ts";
import { authCalloutPermissions } from "./auth-callout-permissions.ts";
import {
  type BrokerPermissions,
  brokerPermissions,
  mergePermissions,
  type PermissionScope,
} from "./broker-permissions.ts";
import type { DurableRights } from "./durable-permissions.ts";
import { checkPrivateInboxPrefix } from "./inbox-prefix.ts";
import { shareParameters } from "./subject-parameters.ts";

/** How a user of a NATS server shows who it is. */
export type NatsServerIdentity =
  | {
    /** Its name. */
    readonly user: string;
    /**
     * Its password as the server shall have it: a bcrypt hash in production (`nats server passwd` makes one). Plain
     * text is written as it is, for development, and the server warns of it.
     */
    readonly password: string;
  }
  | {
    /** Its public nkey, `U…`: the server has no secret of it. */
    readonly nkey: string;
  };

/** What a user of a NATS server is to the contracts: one of these. */
export type NatsServerDuty =
  | {
    /** Roles it holds, in every contract that has them. */
    readonly role: string | readonly string[];
    /** Whether it may read its stored events without a name: as in `CallerPermissionOptions`. @default false */
    readonly replay?: boolean;
  }
  | {
    /** It is a gateway in front of the contracts. */
    readonly gateway: true;
  }
  | {
    /** It serves the contracts. */
    readonly service: true;
    /** The queue group of its requests. @default each contract's name */
    readonly queueGroup?: string;
  }
  | DurableRights & {
    /** It reads stored events under this name. */
    readonly durable: string;
  }
  | {
    /** It is the service of `createAuthCallout`. */
    readonly authCallout: true;
  };

/** One user of a NATS server. */
export type NatsServerUser = NatsServerIdentity & NatsServerDuty & PermissionScope & {
  /** Names of the contracts that this is for. @default all */
  readonly contracts?: readonly string[];
  /** Its own start of reply subjects, the same that its `NatsTransport` is given. @default "_INBOX_" and its name */
  readonly inboxPrefix?: string;
  /** More permissions, such as a service's as a caller of another contract. @default none */
  readonly also?: readonly BrokerPermissions[];
};

/** What the contracts let a user do. @throws {TypeError} naming the user, where they do not say */
export function userPermissions(
  all: readonly Contract[],
  user: NatsServerUser,
  { name, inboxPrefix, callerInboxPrefixes }: {
    readonly name: string;
    readonly inboxPrefix: string;
    readonly callerInboxPrefixes: readonly string[];
  },
): BrokerPermissions {
  const duties = ["role", "gateway", "service", "durable", "authCallout"].filter((duty) => duty in user);
  if (duties.length !== 1) {
    throw new TypeError(
      `Cannot tell the permissions of user "${
        shown(name)
      }": one of role, gateway, service, durable, authCallout is wanted`,
    );
  }
  // It fills them in for scoped signing keys only; in its own file `{{name()}}` is a token like any other.
  if ([inboxPrefix, ...Object.values(user.params ?? {})].some((value) => String(value).includes("{{"))) {
    throw new TypeError(`User "${shown(name)}" has a template, which a server does not fill in in its configuration`);
  }
  const { also = [] } = user;
  if ("authCallout" in user) return mergePermissions([authCalloutPermissions({ inboxPrefix }), ...also]);
  const chosen = chooseContracts(all, user, name);
  const { namespace, params } = user;
  const share = shareParameters(chosen, params ?? {});
  const scope = (contract: Contract): PermissionScope => ({
    ...(namespace === undefined ? {} : { namespace }),
    params: share(contract),
  });
  if ("role" in user) {
    const roles = typeof user.role === "string" ? [user.role] : user.role;
    const unknown = roles.find((role) => !chosen.some((contract) => contract.roles.has(role)));
    if (unknown !== undefined) {
      throw new TypeError(`User "${shown(name)}" has role "${shown(unknown)}", which no contract of it has`);
    }
    return mergePermissions([
      ...chosen.map((contract) =>
        brokerPermissions(contract, {
          role: roles.filter((role) => contract.roles.has(role)),
          inboxPrefix,
          replay: user.replay === true,
          ...scope(contract),
        })
      ),
      ...also,
    ]);
  }
  if ("gateway" in user) {
    return mergePermissions([
      ...chosen.map((contract) => brokerPermissions(contract, { gateway: true, inboxPrefix, ...scope(contract) })),
      ...also,
    ]);
  }
  if ("service" in user) {
    const queue = user.queueGroup === undefined ? {} : { queueGroup: user.queueGroup };
    return mergePermissions([
      ...chosen.map((contract) =>
        brokerPermissions(contract, { service: true, inboxPrefix, callerInboxPrefixes, ...queue, ...scope(contract) })
      ),
      ...also,
    ]);
  }
  const stored = chosen.filter((contract) =>
    [...contract.events.values()].some(({ durable }) => durable !== undefined)
  );
  return mergePermissions([
    ...(stored.length === 0 ? chosen : stored).map((contract) =>
      brokerPermissions(contract, {
        durable: user.durable,
        createConsumers: user.createConsumers === true,
        deadLetters: user.deadLetters === true,
        inboxPrefix,
        ...(namespace === undefined ? {} : { namespace }),
      })
    ),
    ...also,
  ]);
}

function chooseContracts(all: readonly Contract[], user: NatsServerUser, name: string): readonly Contract[] {
  if (user.contracts === undefined) return all;
  if (user.contracts.length === 0) throw new TypeError(`User "${shown(name)}" has no contract`);
  return user.contracts.map((wanted) => {
    const found = all.find((contract) => contract.name === wanted);
    if (found === undefined) {
      throw new TypeError(`User "${shown(name)}" names "${shown(wanted)}", which is no contract`);
    }
    return found;
  });
}

/** The start of a user's reply subjects. @throws {TypeError} where it has none and its name cannot make one */
export function userInboxPrefix(user: NatsServerUser, name: string): string {
  if (user.inboxPrefix !== undefined) return checkPrivateInboxPrefix(user.inboxPrefix);
  if (isToken(name)) return `_INBOX_${name}`;
  throw new TypeError(`User "${shown(name)}" needs an \`inboxPrefix\`: its name cannot stand in a subject`);
}

/** What a user is called: its name or its nkey. @throws {TypeError} where it is neither */
export function userName(user: NatsServerUser): string {
  if ("nkey" in user) {
    if (typeof user.nkey === "string" && /^U[A-Z2-7]{55}$/.test(user.nkey)) return user.nkey;
    throw new TypeError("Cannot use an nkey: the public key of a user, 56 characters from U on, is wanted");
  }
  if (typeof user.user !== "string" || !/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(user.user)) {
    throw new TypeError("Cannot use a user's name: 1 to 256 characters without control characters are wanted");
  }
  if (typeof user.password !== "string" || !/^[^\p{Cc}\p{Cs}]{1,1024}$/u.test(user.password)) {
    throw new TypeError(
      `User "${shown(user.user)}" has no password of 1 to 1024 characters without control characters`,
    );
  }
  return user.user;
}

/** As much of a name as an error text shows. */
export function shown(text: string): string {
  return String(text).slice(0, 64);
}
