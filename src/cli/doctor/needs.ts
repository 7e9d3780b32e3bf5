import type { Contract } from "../../contract/contract.ts";
import { type BrokerPermissions, brokerPermissions, type PermissionScope } from "../../security/broker-permissions.ts";
import type { SubjectParameters } from "../../security/subject-parameters.ts";

/** Something that a connection needs of the broker. */
export interface Need {
  /** What it does. */
  readonly action: "publish" | "subscribe";
  /** Where; with wildcards. */
  readonly subject: string;
  /** The group in which it listens. */
  readonly queueGroup: string | undefined;
}

/** Somebody a connection may act as, and what that needs. */
export interface Duty {
  /** A role's name, `"service"`, or `"caller"` in a contract without roles. */
  readonly name: string;
  /** What it needs. */
  readonly needs: readonly Need[];
}

/** What needs depend on beside the contract. */
export interface DutyScope {
  /** The deployment's tokens in front of every subject. */
  readonly namespace: string | undefined;
  /** Values of subject parameters that are fixed. */
  readonly params: SubjectParameters;
  /** The start of the connection's reply subjects. */
  readonly inboxPrefix: string | undefined;
}

/** Stands for the inbox that the connection has: what it needs of that is added by itself. */
const standIn = "_INBOX_doctor-stands-in";

/**
 * Everybody whom a contract knows: its roles, or one caller where it has none, and its service.
 *
 * @throws {TypeError} for a namespace or a parameter that cannot be one
 */
export function dutiesOf(contract: Contract, { namespace, params, inboxPrefix }: DutyScope): readonly Duty[] {
  const scope: PermissionScope = { params, ...(namespace === undefined ? {} : { namespace }) };
  const own = { inboxPrefix: standIn, ...scope };
  const roles = [...contract.roles.keys()];
  const inbox: Need = {
    action: "subscribe",
    subject: `${inboxPrefix ?? "_INBOX"}.doctor-${crypto.randomUUID()}.*`,
    queueGroup: undefined,
  };
  const duty = (name: string, permissions: BrokerPermissions): Duty => ({
    name,
    needs: [...needsOf(permissions), inbox],
  });
  return [
    ...(roles.length === 0
      ? [duty("caller", brokerPermissions(contract, { role: [], ...own }))]
      : roles.map((role) => duty(role, brokerPermissions(contract, { role, ...own })))),
    duty("service", brokerPermissions(contract, { service: true, ...own })),
  ];
}

/** The same for whatever is the same. */
export function needKey({ action, subject, queueGroup = "" }: Need): string {
  return `${action} ${subject} ${queueGroup}`.trimEnd();
}

function needsOf({ publish, subscribe }: BrokerPermissions): readonly Need[] {
  return [
    ...publish.allow.map((subject): Need => ({ action: "publish", subject, queueGroup: undefined })),
    ...subscribe.allow.map((entry): Need => {
      const [subject, queueGroup] = entry.split(" ");
      return { action: "subscribe", subject: subject!, queueGroup };
    }),
  ].filter(({ subject }) => !subject.startsWith(`${standIn}.`));
}
