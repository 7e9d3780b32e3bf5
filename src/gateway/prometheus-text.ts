/** The media type of the text format. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes metrics in the text format of Prometheus, version 0.0.4.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class PrometheusText {
  #text = "";
  #name = "";

  /** All that was written. */
  get text(): string {
    return this.#text;
  }

  /** Begins a metric. */
  metric(name: string, type: "counter" | "gauge" | "histogram", help: string): void {
    this.#name = name;
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  /** Writes one value of the metric that was begun last. */
  sample(labels: Readonly<Record<string, string>>, value: number, suffix = ""): void {
    const written = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabel(text)}"`);
    const braces = written.length === 0 ? "" : `{${written.join(",")}}`;
    this.#text += `${this.#name}${suffix}${braces} ${value}\n`;
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
