import type { StreamInfo } from "@nats-io/jetstream";
import { MessagingError } from "../../errors/messaging-error.ts";
import type { StoreCallOptions, StreamDefinition } from "../../transport/event-store.ts";
import { pause } from "../../transport/pause.ts";
import { subjectsToAdd } from "../../transport/stream-subjects.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import type { StreamApi } from "./stream-api.ts";
import { streamErrorCode, streamErrorCodes } from "./stream-api-error.ts";
import { configurationOf, differences } from "./stream-configuration.ts";

/** Who looked at a stream before it was changed has changed it by then. */
const settlingMs = 200;
const maximumAdditions = 10;

/** As much of a stream's description as is used. */
export type StreamDescription = Pick<StreamInfo, "config" | "created" | "state">;

/**
 * Makes the stream, or compares it with what is there and adds subjects that are missing where its versions share it.
 *
 * @throws {MessagingError} `UNSUPPORTED` where one of that name differs, or another one has its subjects
 */
export async function ensureStream(
  streams: BrokerStreams,
  api: StreamApi,
  definition: StreamDefinition,
  options: StoreCallOptions,
): Promise<void> {
  const { name } = definition;
  for (let additions = 0; additions < maximumAdditions; additions++) {
    const { config } = await openStream(api, definition, options);
    const wrong = differences(definition, config);
    if (wrong.length > 0) {
      throw new MessagingError(
        "UNSUPPORTED",
        `Stream "${name}" is there and is another one than wanted: ${wrong.join("; ")}`,
        { operation: options.operation, data: { stream: name, differences: wrong } },
      );
    }
    const missing = subjectsToAdd(definition, config.subjects) ?? [];
    if (missing.length === 0) return;
    await addSubjects(api, definition, { ...config, subjects: [...config.subjects, ...missing] }, options);
    streams.logger.info("Subjects were added to a stream", { stream: name, subjects: missing });
    // The broker keeps the last list it is given: another version that starts at the same time may take these away again.
    await pause(streams.clock, settlingMs, options.signal);
  }
  throw new MessagingError("BUSY", `Cannot add subjects to stream "${name}": others keep taking them away`, {
    operation: options.operation,
  });
}

async function addSubjects(
  api: StreamApi,
  definition: StreamDefinition,
  config: StreamDescription["config"],
  options: StoreCallOptions,
): Promise<void> {
  const { name } = definition;
  try {
    await api.ask(`STREAM.UPDATE.${name}`, config, `Cannot add subjects to stream "${name}"`, options);
  } catch (error) {
    const code = streamErrorCode(error);
    if (code === streamErrorCodes.subjectsOverlap) throw await overlapError(api, definition, options);
    // It is made as wanted at the next look.
    if (code !== streamErrorCodes.streamNotFound) throw error;
  }
}

/**
 * Takes the stream as it is, and makes it where it is gone; gives what the broker says of it.
 *
 * @throws {MessagingError} `UNSUPPORTED` where another one has its subjects
 */
export async function openStream(
  api: StreamApi,
  definition: StreamDefinition,
  options: StoreCallOptions,
): Promise<StreamDescription> {
  const { name } = definition;
  const found = await findStream(api, name, options);
  if (found !== undefined) return found;
  try {
    const what = `Cannot make stream "${name}"`;
    return await api.ask<StreamDescription>(`STREAM.CREATE.${name}`, configurationOf(definition), what, options);
  } catch (error) {
    if (streamErrorCode(error) === streamErrorCodes.subjectsOverlap) {
      throw await overlapError(api, definition, options);
    }
    // Somebody else has made one in the meantime, like it or not.
    const isThere = streamErrorCode(error) === streamErrorCodes.streamNameInUse;
    const other = isThere && await findStream(api, name, options);
    if (!other) throw error;
    return other;
  }
}

/** What the broker says of a stream; `undefined` where it has none of that name. */
export async function findStream(
  api: StreamApi,
  name: string,
  options: StoreCallOptions,
): Promise<StreamDescription | undefined> {
  try {
    return await api.ask<StreamDescription>(
      `STREAM.INFO.${name}`,
      undefined,
      `Cannot look at stream "${name}"`,
      options,
    );
  } catch (error) {
    if (streamErrorCode(error) === streamErrorCodes.streamNotFound) return undefined;
    throw error;
  }
}

/** Names the other stream that has the subjects already, where the broker tells. */
async function overlapError(
  api: StreamApi,
  { name, subjects }: StreamDefinition,
  options: StoreCallOptions,
): Promise<MessagingError> {
  const owners = new Set<string>();
  for (const subject of subjects) {
    try {
      const what = `Cannot look for the stream of "${subject}"`;
      const { streams } = await api.ask<{ streams?: string[] | null }>("STREAM.NAMES", { subject }, what, options);
      for (const owner of streams ?? []) if (owner !== name) owners.add(owner);
    } catch {
      // This connection may not ask: the error does without the name.
    }
  }
  const who = owners.size === 0 ? "another stream stores" : `stream "${[...owners].join('", "')}" stores`;
  return new MessagingError("UNSUPPORTED", `Cannot make stream "${name}": ${who} some of its subjects already`, {
    operation: options.operation,
    data: { stream: name, owners: [...owners] },
  });
}
