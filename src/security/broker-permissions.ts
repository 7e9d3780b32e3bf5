import type { Contract, EventOperation } from "../contract/contract.ts";
import { accessDecision } from "../contract/roles.ts";
import { type ContractSubjects, contractSubjects } from "../contract/subjects.ts";
import { isToken } from "../contract/token.ts";
import { type DurableRights, durableSubjects, replaySubjects, streamSubjects } from "./durable-permissions.ts";
import { checkInboxPrefix, checkPrivateInboxPrefix } from "./inbox-prefix.ts";
import { fixSubjectParameters, shareParameters, type SubjectParameters } from "./subject-parameters.ts";

/** What a broker lets a connection do. Both lists always have an entry: to NATS an empty one means everything. */
export interface BrokerPermissions {
  /** Subjects it may publish to. */
  readonly publish: { readonly allow: string[] };
  /** Subjects it may listen to, a queue group after a space where it may only share in the messages. */
  readonly subscribe: { readonly allow: string[] };
}

/** What every kind of permissions can be narrowed by. */
export interface PermissionScope {
  /** The deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
  /**
   * Fixes subject parameters of events, such as `{ tenant: "acme" }`, so that the broker keeps tenants apart; or takes
   * them from the user, `{{name()}}` or `{{tag(tenant)}}`, in the template of a scoped signing key. @default any value
   */
  readonly params?: SubjectParameters;
}

/**
 * Permissions of one who calls and listens.
 *
 * @example
 * ```ts
 * import type { CallerPermissionOptions } from "@magicbutton/messaging/security";
 *
 * const options: CallerPermissionOptions = { role: ["clerk"], inboxPrefix: "_INBOX_ann", params: { tenant: "acme" } };
 * ```
 */
export interface CallerPermissionOptions extends PermissionScope {
  /** Roles of the contract that it holds; an empty list leaves what is public. */
  readonly role: string | readonly string[];
  /** The user's own start of reply subjects, the same that its `NatsTransport` is given. */
  readonly inboxPrefix: string;
  /** Whether it may ask servers for their contract, which a client's `contractCheck` does. @default false */
  readonly contractCheck?: boolean;
  /**
   * Whether it may read its stored events without a name, from anywhere: `subscribe(name, { from })`. It makes consumers
   * for that, so it could have its events sent wherever it likes, the broker's own subjects included, change other
   * consumers of these events, and take messages that others wait for, of other roles and tenants too: for users that you
   * trust with all stored events of the contract. @default false
   */
  readonly replay?: boolean;
}

/**
 * Permissions of a gateway: it sends the requests of its callers, hears events for them, reads durable ones from the
 * stream, and asks services for their statistics. What `replay` of `CallerPermissionOptions` says holds for it too.
 *
 * @example
 * ```ts
 * import type { GatewayPermissionOptions } from "@magicbutton/messaging/security";
 *
 * const options: GatewayPermissionOptions = { gateway: true, inboxPrefix: "_INBOX_gateway" };
 * ```
 */
export interface GatewayPermissionOptions extends PermissionScope {
  /** It stands between callers outside and the contract's services. */
  readonly gateway: true;
  /** Its own start of reply subjects, the same that its `NatsTransport` is given. */
  readonly inboxPrefix: string;
  /** Leaves what these roles may use, where all callers of the gateway hold no other. @default all of the contract */
  readonly role?: string | readonly string[];
}

/**
 * Permissions of one who serves a contract.
 *
 * @example
 * ```ts
 * import type { ServicePermissionOptions } from "@magicbutton/messaging/security";
 *
 * const options: ServicePermissionOptions = { service: true, callerInboxPrefixes: ["_INBOX", "_INBOX_ann"] };
 * ```
 */
export interface ServicePermissionOptions extends PermissionScope {
  /** It serves the contract's requests and tells its events. */
  readonly service: true;
  /** The service's own start of reply subjects. @default "_INBOX_" and the contract's name */
  readonly inboxPrefix?: string;
  /** Where callers wait for answers. @default ["_INBOX"], which has every prefix such as "_INBOX.ann" in it */
  readonly callerInboxPrefixes?: readonly string[];
  /** The queue group of its requests. @default the contract's name */
  readonly queueGroup?: string;
}

/**
 * Permissions of one who reads stored events.
 *
 * @example
 * ```ts
 * import type { DurablePermissionOptions } from "@magicbutton/messaging/security";
 *
 * const options: DurablePermissionOptions = { durable: "billing" };
 * ```
 */
export interface DurablePermissionOptions extends DurableRights {
  /** The name of the durable subscription. */
  readonly durable: string;
  /** Leaves the events these roles may listen to. @default every durable event of the contract */
  readonly role?: string | readonly string[];
  /** Its own start of reply subjects. @default "_INBOX_" and the durable's name */
  readonly inboxPrefix?: string;
  /** The deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
}

/**
 * Whose permissions are wanted.
 *
 * @example
 * ```ts
 * import type { BrokerPermissionOptions } from "@magicbutton/messaging/security";
 *
 * const options: BrokerPermissionOptions = { role: "clerk", inboxPrefix: "_INBOX_ann" };
 * ```
 */
export type BrokerPermissionOptions =
  | CallerPermissionOptions
  | GatewayPermissionOptions
  | ServicePermissionOptions
  | DurablePermissionOptions;

/**
 * What a NATS server must let a role's callers, a gateway, a contract's service or a durable's reader do, and no more: the
 * broker then refuses what the contract does not allow, before any server of ours hears of it. The lists only allow: a `deny`
 * beside a wildcard has been passed by more than once (GHSA-wh7g-5m82-pmhr, GHSA-jx8g-9g95-6322).
 *
 * A service answers through an explicit list of inbox prefixes and not through `allow_responses`: that lets a service
 * publish wherever a caller's reply subject points, `$JS.API.STREAM.PURGE.…` too, even against a `deny`. NATS has no
 * wildcard inside a token, so no entry means "every prefix that starts with _INBOX_". Give callers prefixes under
 * `_INBOX.`, such as `_INBOX.ann`, and one entry answers them all; name other prefixes in `callerInboxPrefixes`.
 *
 * @throws {TypeError} for a role, a parameter or a durable event that the contract does not have, and for names that
 * cannot stand in a subject
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { brokerPermissions } from "@magicbutton/messaging/security";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   roles: { clerk: {} },
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({}), access: ["clerk"] } },
 * });
 * brokerPermissions(orders, { role: "clerk", inboxPrefix: "_INBOX_ann" }).publish.allow;
 * // ["orders.v1.request.find", "orders.v1.cancel.*"]
 * ```
 */
export function brokerPermissions(contract: Contract, options: BrokerPermissionOptions): BrokerPermissions {
  if ("service" in options && options.service === true) return servicePermissions(contract, options);
  if ("durable" in options) return durablePermissions(contract, options);
  if ("gateway" in options && options.gateway === true) return gatewayPermissions(contract, options);
  if ("role" in options) return callerPermissions(contract, options as CallerPermissionOptions);
  throw new TypeError("Cannot make permissions: `role`, `gateway: true`, `service: true` or `durable` is wanted");
}

/** Several permissions as one. */
export function mergePermissions(several: Iterable<BrokerPermissions>): BrokerPermissions {
  const all = [...several];
  return union(all.flatMap(({ publish }) => publish.allow), all.flatMap(({ subscribe }) => subscribe.allow));
}

function callerPermissions(contract: Contract, options: CallerPermissionOptions): BrokerPermissions {
  const { requests, events, stored } = usableSubjects(contract, checkRoles(contract, options.role), options);
  return permissions(
    [
      ...requests,
      ...options.contractCheck === true ? [`$SRV.INFO.${contract.name}`, `$SRV.SCHEMA.${contract.name}.*`] : [],
      ...options.replay === true ? replaySubjects(contract, stored, options.namespace) : [],
    ],
    events,
    checkPrivateInboxPrefix(options.inboxPrefix),
  );
}

function gatewayPermissions(contract: Contract, options: GatewayPermissionOptions): BrokerPermissions {
  const roles = options.role === undefined ? undefined : checkRoles(contract, options.role);
  const { requests, live, stored } = usableSubjects(contract, roles, options);
  return permissions(
    [...requests, `$SRV.STATS.${contract.name}`, ...replaySubjects(contract, stored, options.namespace)],
    live,
    checkPrivateInboxPrefix(options.inboxPrefix),
  );
}

/** What roles send requests to and hear events at, by whether a stream keeps them, too; without roles, everything. */
function usableSubjects(
  contract: Contract,
  roles: readonly string[] | undefined,
  { namespace, params }: PermissionScope,
): { requests: string[]; events: string[]; live: string[]; stored: string[] } {
  const subjects = contractSubjects(contract, namespace);
  const isUsable = ({ access }: Pick<EventOperation, "access">): boolean =>
    roles === undefined || accessDecision(contract.roles, access, roles);
  const requests = [...contract.requests.values()].filter(isUsable).map(({ subject }) => subjects.of(subject));
  const events = [...contract.events.values()].filter(isUsable);
  const of = (some: readonly EventOperation[]): string[] => eventSubjects(contract, some, subjects, params);
  return {
    requests: requests.length === 0 ? [] : [...requests, subjects.everyCancel],
    events: of(events),
    live: of(events.filter(({ durable }) => durable === undefined)),
    stored: of(events.filter(({ durable }) => durable !== undefined)),
  };
}

function servicePermissions(contract: Contract, options: ServicePermissionOptions): BrokerPermissions {
  const { queueGroup = contract.name, callerInboxPrefixes = ["_INBOX"] } = options;
  if (!isToken(queueGroup)) {
    throw new TypeError('Cannot use `queueGroup`: 1 to 128 letters, digits, "_" or "-" are wanted');
  }
  const inboxPrefix = checkPrivateInboxPrefix(options.inboxPrefix ?? `_INBOX_${contract.name}`);
  const subjects = contractSubjects(contract, options.namespace);
  // With its queue group only: another instance shares in the requests, a bystander with these rights hears none.
  const requests = [...contract.requests.values()].map(({ subject }) => `${subjects.of(subject)} ${queueGroup}`);
  const discovery = ["PING", "INFO", "STATS", "SCHEMA"].flatMap((
    verb,
  ) => [`$SRV.${verb}`, `$SRV.${verb}.${contract.name}`, `$SRV.${verb}.${contract.name}.*`]);
  return permissions(
    [
      ...eventSubjects(contract, [...contract.events.values()], subjects, options.params),
      ...streamSubjects(contract, options.namespace),
      ...callerInboxPrefixes.map((prefix) => `${checkInboxPrefix(prefix)}.>`),
    ],
    [...requests, subjects.everyCancel, ...discovery],
    inboxPrefix,
  );
}

function durablePermissions(contract: Contract, options: DurablePermissionOptions): BrokerPermissions {
  const { durable, namespace } = options;
  const roles = options.role === undefined ? undefined : checkRoles(contract, options.role);
  const events = [...contract.events.values()].filter((event) =>
    event.durable !== undefined && (roles === undefined || accessDecision(contract.roles, event.access, roles))
  );
  const publish = durableSubjects(contract, events, durable, namespace, options);
  if (publish.length === 0) {
    throw new TypeError(`Contract "${contract.name}" has no durable event for "${durable.slice(0, 64)}"`);
  }
  return permissions(publish, [], checkPrivateInboxPrefix(options.inboxPrefix ?? `_INBOX_${durable}`));
}

function eventSubjects(
  contract: Contract,
  events: readonly EventOperation[],
  subjects: ContractSubjects,
  params: SubjectParameters = {},
): string[] {
  const own = shareParameters([contract], params)(contract);
  return events.map(({ subject, template }) => fixSubjectParameters(subjects.of(subject), template, own));
}

function checkRoles(contract: Contract, role: string | readonly string[]): readonly string[] {
  const roles = typeof role === "string" ? [role] : role;
  for (const name of roles) {
    if (!contract.roles.has(name)) {
      throw new TypeError(`Contract "${contract.name}" has no role "${String(name).slice(0, 128)}"`);
    }
  }
  return roles;
}

function permissions(publish: readonly string[], subscribe: readonly string[], inboxPrefix: string): BrokerPermissions {
  // An empty list would mean everything. Who may publish nothing gets one subject that only itself could hear.
  const publishable = publish.length === 0 ? [`${inboxPrefix}.nothing`] : publish;
  return union(publishable, [...subscribe, `${inboxPrefix}.>`]);
}

function union(publish: readonly string[], subscribe: readonly string[]): BrokerPermissions {
  if (publish.length === 0 || subscribe.length === 0) {
    throw new TypeError("Cannot make permissions of no contract: to a NATS server an empty list means everything");
  }
  return { publish: { allow: [...new Set(publish)] }, subscribe: { allow: [...new Set(subscribe)] } };
}
