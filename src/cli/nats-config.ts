import { randomUUID } from "node:crypto";
import type { Contract } from "../contract/contract.ts";
import { natsServerConfig } from "../security/nats-server-config.ts";
import type { NatsServerDuty, NatsServerUser } from "../security/nats-server-user.ts";
import { checkedUsage, UsageError } from "./usage-error.ts";

/** One user that was asked for. */
interface WantedUser {
  readonly name: string;
  readonly duty: NatsServerDuty;
}

const duties = "a role, roles with + between them, `public`, `service` or `durable:<name>`";

/**
 * The `authorization` block for a broker of these contracts. It holds no password: each user's is taken by the broker from an
 * environment variable of its own; a user that is a public nkey needs none.
 *
 * @throws {UsageError} for users that the contracts do not know a duty of
 */
export function natsConfigText(
  contracts: readonly Contract[],
  given: readonly string[] | undefined,
  namespace: string | undefined,
): string {
  const wanted = given === undefined ? defaultUsers(contracts) : given.map(readUser);
  const variables = variablesOf(wanted.filter(({ name }) => !isNkey(name)).map(({ name }) => name));
  // A text that stands nowhere else in the block, until it becomes the variable.
  const mark = randomUUID();
  const users = wanted.map(({ name, duty }): NatsServerUser => ({
    ...(isNkey(name) ? { nkey: name } : { user: name, password: `${mark}:${variables.get(name)}` }),
    ...duty,
    ...(namespace === undefined ? {} : { namespace }),
  }));
  const block = checkedUsage(() => natsServerConfig(contracts, { users }));
  const text = block.replace(new RegExp(`"${mark}:(\\w+)"`, "g"), "$$$1");
  if (variables.size === 0) return text;
  const lines = [...variables].map(([name, variable]) => `#   ${variable} for ${JSON.stringify(name)}`);
  return `# nats-server takes the passwords, bcrypt hashes in production, from these environment variables:\n${
    lines.join("\n")
  }\n${text}`;
}

/** One for each role, or one who may use what is public, and the service. */
function defaultUsers(contracts: readonly Contract[]): readonly WantedUser[] {
  const roles = [...new Set(contracts.flatMap((contract) => [...contract.roles.keys()]))];
  const callers: readonly WantedUser[] = roles.length === 0
    ? [{ name: "caller", duty: { role: [] } }]
    : roles.map((role) => ({ name: role, duty: { role } }));
  const service = roles.includes("service") ? "service-instance" : "service";
  return [...callers, { name: service, duty: { service: true } }];
}

function readUser(text: string): WantedUser {
  const end = text.indexOf("=");
  const [name, duty] = [text.slice(0, end), text.slice(end + 1)];
  if (end < 1 || duty === "") {
    throw new UsageError(`Cannot use --nats-user: a name and a duty are wanted, ann=clerk; the duty is ${duties}`);
  }
  if (duty === "service") return { name, duty: { service: true } };
  if (duty === "public") return { name, duty: { role: [] } };
  if (duty.startsWith("durable:")) return { name, duty: { durable: duty.slice("durable:".length) } };
  return { name, duty: { role: duty.split("+") } };
}

function variablesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const name of names) {
    const variable = `NATS_PASSWORD_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
    if ([...variables.values()].includes(variable)) {
      throw new UsageError(`Users would share the environment variable ${variable}: give them names that differ more`);
    }
    variables.set(name, variable);
  }
  return variables;
}

function isNkey(name: string): boolean {
  return /^U[A-Z2-7]{55}$/.test(name);
}
