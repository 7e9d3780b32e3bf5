import type { Contract } from "../../contract/contract.ts";
import { contractSubjects } from "../../contract/subjects.ts";
import { isMessagingError } from "../../errors/messaging-error.ts";
import { decodeBody, encodeBody } from "../../message/json-codec.ts";
import { systemClock } from "../../transport/clock.ts";
import { createIdentifierSource, requestIdLength } from "../../transport/identifiers.ts";
import type { TransportConnection } from "../../transport/transport.ts";
import { plainText } from "../terminal.ts";
import { type Check, ok, problem, skipped, warning } from "./check.ts";
import { subjectsOverlap } from "./subjects-overlap.ts";

/** As much of a stream's configuration as matters. */
interface StreamSubjects {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Whether it answers whoever publishes. */
  readonly acknowledges: boolean;
}

/** How streams are looked at. */
export interface StreamCheckOptions {
  /** The deployment's tokens in front of every subject. */
  readonly namespace: string | undefined;
  /** How long each answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

const name = "streams";
/** The broker tells 256 at a time. */
const maximumPages = 40;

/** A stream whose subjects overlap a request's stores each request, and its acknowledgement is the first answer. */
export async function checkStreams(
  contract: Contract,
  connection: TransportConnection,
  options: StreamCheckOptions,
): Promise<readonly Check[]> {
  let streams: readonly StreamSubjects[];
  try {
    streams = await listStreams(connection, options);
  } catch (error) {
    if (isMessagingError(error, "NO_RESPONDERS")) {
      return [withoutStreams(contract)];
    }
    if (isMessagingError(error, "FORBIDDEN")) {
      return [
        skipped(
          name,
          "The broker does not let this connection list streams",
          "Look with a user who may: $JS.API.STREAM.LIST",
        ),
      ];
    }
    return [skipped(name, `The streams could not be listed: ${plainText((error as Error).message)}`)];
  }
  const checks = streams.flatMap((stream) => overlapChecks(contract, stream, options.namespace));
  const count = `${streams.length} ${streams.length === 1 ? "stream" : "streams"}`;
  return checks.length > 0 ? checks : [ok(name, `None of ${count} overlaps a request`)];
}

function withoutStreams(contract: Contract): Check {
  const durable = [...contract.events.values()].flatMap((event) => event.durable === undefined ? [] : [event.name]);
  if (durable.length === 0) return ok(name, "The account has no JetStream: no stream can be in the way");
  return problem(
    name,
    `The broker has no streams; JetStream is off, and these events are durable: ${durable.join(", ")}`,
    'Start the broker with streams: nats-server -js, or a block jetstream { store_dir: "…" } in its configuration',
  );
}

function overlapChecks(contract: Contract, stream: StreamSubjects, namespace: string | undefined): readonly Check[] {
  const subjects = contractSubjects(contract, namespace);
  const requests = [...contract.requests.values()].flatMap((request) => {
    const subject = stream.subjects.find((subject) => subjectsOverlap(subject, subjects.of(request.subject)));
    return subject === undefined ? [] : [{ name: request.name, subject }];
  });
  if (requests.length === 0) return [];
  const patterns = plainText([...new Set(requests.map(({ subject }) => subject))].join(", "));
  const text = `Stream ${plainText(stream.name)} (${patterns}) stores the requests ${
    requests.map(({ name }) => name).join(", ")
  }`;
  const hint = `Give it the subjects of events alone: ${subjects.of(`${contract.name}.v${contract.major}.event.>`)}`;
  if (stream.acknowledges) return [problem(name, `${text}, and answers them before the service can`, hint)];
  return [warning(name, text, hint)];
}

async function listStreams(
  connection: TransportConnection,
  { timeoutMs, signal }: StreamCheckOptions,
): Promise<readonly StreamSubjects[]> {
  const streams: StreamSubjects[] = [];
  const identifiers = createIdentifierSource(systemClock);
  for (let page = 0; page < maximumPages; page++) {
    const answer = await connection.request("$JS.API.STREAM.LIST", encodeBody({ offset: streams.length }), {
      requestId: identifiers.next(requestIdLength),
      timeoutMs,
      operation: "list of streams",
      signal,
      read: ({ body }) => decodeBody(body) as StreamListAnswer,
    });
    if (answer.error !== undefined) throw new Error(String(answer.error.description));
    const listed = answer.streams ?? [];
    streams.push(...listed.map(({ config }) => ({
      name: String(config.name),
      subjects: (config.subjects ?? []).map(String),
      acknowledges: config.no_ack !== true,
    })));
    if (listed.length === 0 || streams.length >= (answer.total ?? 0)) return streams;
  }
  return streams;
}

/** As much of the answer as is read. */
interface StreamListAnswer {
  readonly error?: { readonly description?: unknown };
  readonly total?: number;
  readonly streams?:
    | readonly {
      readonly config: { readonly name?: unknown; readonly subjects?: readonly unknown[]; readonly no_ack?: unknown };
    }[]
    | null;
}
