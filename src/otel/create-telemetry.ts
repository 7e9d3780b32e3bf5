import {
  type Attributes,
  type Context,
  context,
  type MeterProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";
import type { Middleware, OperationCall } from "../contract/operation-call.ts";
import { isMessagingError } from "../errors/messaging-error.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import { type DescribedCall, DescribedCalls } from "./described-calls.ts";
import { errorType } from "./error-type.ts";
import { headerSetter } from "./header-carrier.ts";
import { instrumentationScope } from "./instrumentation-scope.ts";
import { Instruments } from "./instruments.ts";
import { RegisteredSdk } from "./registered-sdk.ts";
import { attributeNames, schemaUrl } from "./semantic-conventions.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";
import { TraceParents } from "./trace-parents.ts";
import type { TracedCallContext } from "./traced-call-context.ts";

/**
 * Makes the middleware that tells OpenTelemetry of every request, handler and event, and carries the trace in headers; one
 * and the same for clients, servers and gateways. Where no SDK is registered it does next to nothing.
 *
 * Spans and metrics have names and codes of the contract; never data, subject parameters, tokens, keys or error
 * texts. Never throws.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient, NatsTransport } from "@magicbutton/messaging";
 * import { createTelemetry } from "@magicbutton/messaging/otel";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const client = createMessagingClient({
 *   contract: clock,
 *   transport: new NatsTransport({ servers: "nats://127.0.0.1:4222" }),
 *   middleware: [createTelemetry({ attributes: { "server.address": "127.0.0.1", "server.port": 4222 } })],
 * });
 * client.subscribe("ticked", ({ at }) => console.log(at));
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Middleware<TracedCallContext> {
  const telemetry = new Telemetry(options);
  return (call, next) => telemetry.tell(call, next);
}

class Telemetry {
  readonly #sdk: RegisteredSdk;
  readonly #clock: Clock;
  readonly #tracer: Tracer;
  readonly #described: DescribedCalls;
  readonly #parents = new TraceParents();
  #meterProvider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(options: TelemetryOptions) {
    const { attributes, system = "nats", clock = systemClock } = options;
    // What has the API's methods is the API's: its types would have to be named in this library's documentation.
    const tracerProvider = options.tracerProvider as TracerProvider | undefined ?? trace.getTracerProvider();
    const { name, version } = instrumentationScope;
    this.#sdk = new RegisteredSdk(tracerProvider, options.meterProvider as MeterProvider | undefined);
    this.#clock = clock;
    this.#tracer = tracerProvider.getTracer(name, version, { schemaUrl });
    this.#described = new DescribedCalls({ ...attributes, [attributeNames.system]: system });
  }

  tell(call: OperationCall<TracedCallContext>, next: () => Promise<unknown>): Promise<unknown> {
    if (this.#sdk.isAbsent) return next();
    switch (call.action) {
      case "send":
        return this.#send(call, next);
      case "process":
        return this.#process(call, next);
      case "receive":
        return this.#receive(call, next);
    }
  }

  async #send(call: OperationCall<TracedCallContext>, next: () => Promise<unknown>): Promise<unknown> {
    const described = this.#described.of(call);
    const { parent, links, isTraced } = this.#parents.ofSender(call.context);
    const startedAt = this.#clock.now();
    const span = this.#start(described, { kind: SpanKind.PRODUCER, links }, parent);
    const inside = trace.setSpan(parent, span);
    if (!isTraced) propagation.inject(inside, call.context, headerSetter);
    let failure: { readonly thrown: unknown } | undefined;
    try {
      return await context.with(inside, next);
    } catch (thrown) {
      failure = { thrown };
      throw thrown;
    } finally {
      const attributes = this.#end(span, described, failure);
      const durationMs = this.#clock.now() - startedAt;
      this.#metrics.sent({ attributes, durationMs }, sentMessages(call.context, failure?.thrown));
    }
  }

  async #process(call: OperationCall<TracedCallContext>, next: () => Promise<unknown>): Promise<unknown> {
    const described = this.#described.of(call);
    const { parent, links } = this.#parents.ofReceiver(call.context);
    const startedAt = this.#clock.now();
    const span = this.#start(described, { kind: SpanKind.CONSUMER, links }, parent);
    const inside = trace.setSpan(parent, span);
    let failure: { readonly thrown: unknown } | undefined;
    try {
      return await context.with(inside, () => {
        // Where the runtime carries no context, requests made for this one find it by their `parent`.
        if (context.active() !== inside) this.#parents.remember(call.context, inside);
        return next();
      });
    } catch (thrown) {
      failure = { thrown };
      throw thrown;
    } finally {
      const attributes = this.#end(span, described, failure);
      this.#metrics.processed({ attributes, durationMs: this.#clock.now() - startedAt });
    }
  }

  /** A reader takes it in its own time, and what it does with it is not known here: the span is of the moment. */
  async #receive(call: OperationCall<TracedCallContext>, next: () => Promise<unknown>): Promise<unknown> {
    const result = await next();
    const described = this.#described.of(call);
    const { links } = this.#parents.ofReceiver(call.context);
    const span = this.#start(described, { kind: SpanKind.CLIENT, links }, ROOT_CONTEXT);
    this.#metrics.received(this.#end(span, described, undefined));
    return result;
  }

  #start(
    { spanName, attributes }: DescribedCall,
    place: Pick<SpanOptions, "kind" | "links">,
    parent: Context,
  ): Span {
    return this.#tracer.startSpan(spanName, { ...place, attributes }, parent);
  }

  /** Ends a span, and gives the attributes of the metrics that go with it. */
  #end(
    span: Span,
    { attributes }: DescribedCall,
    failure: { readonly thrown: unknown } | undefined,
  ): Attributes {
    if (failure === undefined) {
      span.end();
      return attributes;
    }
    const type = errorType(failure.thrown);
    span.setAttribute(attributeNames.errorType, type);
    // Without a description and without the exception: their texts may quote what was sent.
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    return { ...attributes, [attributeNames.errorType]: type };
  }

  get #metrics(): Instruments {
    const provider = this.#sdk.meterProvider;
    if (this.#instruments === undefined || provider !== this.#meterProvider) {
      const { name, version } = instrumentationScope;
      this.#meterProvider = provider;
      this.#instruments = new Instruments(provider.getMeter(name, version, { schemaUrl }));
    }
    return this.#instruments;
  }
}

/** How many messages left: a request knows, an event is known by its error. */
function sentMessages({ attempts }: TracedCallContext, thrown: unknown): number {
  if (attempts !== undefined) return attempts;
  const isUnsent = isMessagingError(thrown) && thrown.execution === "not-executed";
  return isUnsent ? 0 : 1;
}
