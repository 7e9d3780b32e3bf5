import {
  createNoopMeter,
  type MeterProvider,
  metrics,
  propagation,
  ProxyTracerProvider,
  type TracerProvider,
} from "@opentelemetry/api";
import { instrumentationScope } from "./instrumentation-scope.ts";
import { schemaUrl } from "./semantic-conventions.ts";

/** What a tracer provider passes on to while nobody has registered one. */
const nobody: TracerProvider = new ProxyTracerProvider().getDelegate();

/** Whether anybody listens: asked for each call, because an SDK may be registered at any time, and cheaply. */
export class RegisteredSdk {
  readonly #tracerProvider: TracerProvider;
  readonly #ownMeterProvider: MeterProvider | undefined;
  #askedMeterProvider: MeterProvider | undefined;
  #hasMeter = false;

  /** Of providers that the program has given, or of those that it registers. */
  constructor(tracerProvider: TracerProvider, ownMeterProvider: MeterProvider | undefined) {
    this.#tracerProvider = tracerProvider;
    this.#ownMeterProvider = ownMeterProvider;
  }

  /** Where meters come from now: the API has no meter that waits for its provider, as it has such a tracer. */
  get meterProvider(): MeterProvider {
    return this.#ownMeterProvider ?? metrics.getMeterProvider();
  }

  /** Nobody makes spans, counts, or carries a context along. */
  get isAbsent(): boolean {
    const provider = this.#tracerProvider;
    if (!(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== nobody) return false;
    return !this.#counts(this.meterProvider) && propagation.fields().length === 0;
  }

  #counts(provider: MeterProvider): boolean {
    if (provider !== this.#askedMeterProvider) {
      this.#askedMeterProvider = provider;
      const { name, version } = instrumentationScope;
      this.#hasMeter = provider.getMeter(name, version, { schemaUrl }) !== createNoopMeter();
    }
    return this.#hasMeter;
  }
}
