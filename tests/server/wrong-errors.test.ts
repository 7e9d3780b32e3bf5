import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type LogFields,
  MemoryTransport,
  type RequestHandler,
  silentLogger,
} from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

const contract = createContract({
  name: "desk",
  version: "1.0.0",
  errors: { GONE: { data: v.object({ since: v.object({ year: v.number() }) }) } },
  requests: { find: { request: v.string(), response: v.unknown(), errors: ["GONE"] } },
});

type Find = RequestHandler<typeof contract, "find">;

/** What a caller is told of a handler, and what the server logs. */
interface Outcome {
  readonly told: unknown;
  readonly logged: { readonly text: string; readonly fields: LogFields | undefined }[];
}

async function outcomeOf(handler: Find, middleware = false): Promise<Outcome> {
  const transport = new MemoryTransport();
  const logged: Outcome["logged"] = [];
  const logger = { ...silentLogger, error: (text: string, fields?: LogFields) => void logged.push({ text, fields }) };
  await using server = createMessagingServer({
    contract,
    transport,
    logger,
    middleware: middleware ? [async (_, next) => await next()] : [],
  });
  server.registerHandler("find", handler);
  await server.start();
  await using client = createMessagingClient({ contract, transport });
  await client.connect();
  return { told: await expectRejection(client.request("find", "42")), logged };
}

describe("A handler that errs with its errors", (test) => {
  test("is told by the log where the data of what it throws does not fit the contract", async () => {
    // @ts-expect-error -- the data is wrong
    const { told, logged } = await outcomeOf((_, context) => Promise.reject(context.error("GONE", { since: {} })));
    assert.ok(isMessagingError(told, "INTERNAL"));
    assert.is(told.data, undefined);
    const { text, fields } = logged[0]!;
    assert.is(text, 'Request "find": its handler threw GONE with data that does not fit the contract');
    assert.is(fields?.["correlationId"], told.correlationId);
    const [issue] = fields?.["error"] as { path: string; message: string }[];
    assert.is(issue!.path, "since.year");
    assert.match(issue!.message, /year/);
  });

  const returning: Record<string, Find> = {
    "at once": (_, context) => context.error("GONE", { since: { year: 1999 } }),
    "later": (_, context) => Promise.resolve(context.error("GONE", { since: { year: 1999 } })),
  };
  for (const [name, handler] of Object.entries(returning)) {
    for (const middleware of [false, true]) {
      test(`does not succeed with an error that it returns ${name}${middleware ? ", through middleware" : ""}`, async () => {
        const { told, logged } = await outcomeOf(handler, middleware);
        assert.ok(isMessagingError(told, "INTERNAL"));
        const { text, fields } = logged[0]!;
        assert.is(text, 'Request "find": its handler returned GONE: throw it');
        assert.is(fields?.["correlationId"], told.correlationId);
        assert.ok(isMessagingError(fields?.["error"], "GONE"));
      });
    }
  }
});
