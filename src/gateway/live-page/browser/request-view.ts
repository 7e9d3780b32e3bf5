import type { ApiRequest } from "./api-document.ts";
import { element } from "./element.ts";
import type { Answer, GatewayCalls } from "./gateway-calls.ts";
import { jsonView } from "./json-view.ts";
import type { SchemaReader } from "./json-schema.ts";
import { operationHead } from "./operation-head.ts";
import { problemView } from "./problem.ts";
import { schemaOutline } from "./schema-outline.ts";

const fewestRows = 8;
const mostRows = 18;
const hint = "Ctrl + Enter sends it too";

/** Shows a request of the contract, and a way to try it. */
export function requestView(request: ApiRequest, schemas: SchemaReader, calls: GatewayCalls): HTMLElement {
  const view = element("article", {}, operationHead(request, "POST", request.path));
  const editor = new RequestEditor(request, schemas, calls);
  view.append(editor.form, shapes(request, schemas));
  return view;
}

function shapes({ body, answer, errors }: ApiRequest, schemas: SchemaReader): HTMLElement {
  const list = element(
    "ul",
    { class: "errors" },
    ...errors.map(({ code, status, description, data }) => {
      const line = element("li", {}, element("code", {}, code), " ", element("span", { class: "status" }, status));
      if (description !== undefined) line.append(element("p", {}, description));
      if (data !== undefined) line.append(schemaOutline(schemas, data));
      return line;
    }),
  );
  const shape = (title: string, content: HTMLElement) => element("section", {}, element("h3", {}, title), content);
  const nothing = (): HTMLElement => element("p", { class: "quiet" }, "nothing");
  return element(
    "div",
    { class: "shapes" },
    shape("It takes", body === undefined ? nothing() : schemaOutline(schemas, body)),
    shape("It answers", answer === undefined ? nothing() : schemaOutline(schemas, answer)),
    ...(errors.length === 0 ? [] : [shape("Errors of its own", list)]),
  );
}

/** The form that sends one request, and the place where its answer is shown. */
class RequestEditor {
  readonly form: HTMLFormElement;
  readonly #request: ApiRequest;
  readonly #calls: GatewayCalls;
  readonly #body: HTMLTextAreaElement;
  readonly #hint = element("p", { class: "hint", id: "body-hint", role: "status" }, hint);
  readonly #deadline: HTMLInputElement;
  readonly #send = element("button", { type: "submit", class: "main" }, "Send");
  readonly #outcome = element("p", { class: "state", role: "status", "data-kind": "idle" }, "not sent yet");
  readonly #answer = element("div", {
    class: "answer",
    role: "region",
    "aria-labelledby": "answer-title",
    tabindex: 0,
  });
  #running: AbortController | undefined;

  constructor(request: ApiRequest, schemas: SchemaReader, calls: GatewayCalls) {
    this.#request = request;
    this.#calls = calls;
    const sample = request.body === undefined ? "" : JSON.stringify(schemas.sample(request.body), undefined, 2);
    this.#body = element("textarea", {
      id: "body",
      rows: Math.min(mostRows, Math.max(fewestRows, sample.split("\n").length + 1)),
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      "aria-describedby": "body-hint",
      "aria-keyshortcuts": "Control+Enter",
      disabled: request.body === undefined,
      placeholder: request.body === undefined ? "This request takes no body" : undefined,
    });
    this.#body.value = sample;
    this.#deadline = element("input", {
      id: "deadline",
      type: "number",
      inputmode: "numeric",
      min: 1,
      step: 1,
      value: request.timeoutMs,
      placeholder: "its own",
    });
    this.form = this.#layOut();
    this.#body.addEventListener("input", () => this.#check());
    this.#body.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#running !== undefined) this.#running.abort();
      else if (this.#check()) void this.#run();
    });
  }

  #layOut(): HTMLFormElement {
    const deadline = element(
      "div",
      { class: "deadline" },
      element("label", { for: "deadline" }, "Deadline"),
      this.#deadline,
      element("span", { class: "quiet" }, "ms"),
    );
    const label = element("label", { for: "body" }, "Request", element("span", { class: "unseen" }, " as JSON"));
    const title = element("h3", { id: "answer-title" }, "Answer");
    return element(
      "form",
      { class: "pair", novalidate: true, autocomplete: "off" },
      element(
        "div",
        {},
        element("div", { class: "head" }, label, deadline),
        this.#body,
        element("div", { class: "actions" }, this.#send, this.#hint),
      ),
      element("div", {}, element("div", { class: "head" }, title, this.#outcome), this.#answer),
    );
  }

  /** Whether the body can be sent; what is wrong with it stands below it. */
  #check(): boolean {
    const problem = whyNotJson(this.#body.value);
    this.#hint.textContent = problem ?? hint;
    if (problem === undefined) this.#body.removeAttribute("aria-invalid");
    else this.#body.setAttribute("aria-invalid", "true");
    return problem === undefined;
  }

  async #run(): Promise<void> {
    const running = this.#running = new AbortController();
    this.#send.textContent = "Cancel";
    this.#show("waiting", "waiting for the answer");
    this.#answer.setAttribute("aria-busy", "true");
    const timeoutMs = this.#deadline.valueAsNumber;
    const body = this.#body.value.trim();
    const answer = await this.#calls.send(this.#request.path, {
      body: body === "" ? undefined : body,
      timeoutMs: Number.isInteger(timeoutMs) && timeoutMs > 0 ? timeoutMs : undefined,
      signal: running.signal,
    });
    this.#running = undefined;
    this.#send.textContent = "Send";
    this.#answer.removeAttribute("aria-busy");
    if (running.signal.aborted) {
      this.#answer.replaceChildren();
      return this.#show("idle", "cancelled");
    }
    this.#showAnswer(answer);
  }

  #showAnswer({ status, elapsedMs, body, problem }: Answer): void {
    const took = elapsedMs < 10 ? elapsedMs.toFixed(1) : elapsedMs.toFixed(0);
    const name = problem?.code.startsWith("HTTP") ? "" : ` ${problem?.code ?? ""}`;
    const words = `${status === 0 ? "" : status}${name}`.trim();
    this.#show(problem === undefined ? "good" : "bad", `${words} in ${took} ms`);
    if (problem !== undefined) this.#answer.replaceChildren(problemView(problem));
    else if (body === "") this.#answer.replaceChildren(element("p", { class: "quiet" }, "No body"));
    else this.#answer.replaceChildren(jsonView(body));
    this.#answer.scrollTop = 0;
  }

  #show(kind: string, text: string): void {
    this.#outcome.dataset.kind = kind;
    this.#outcome.textContent = text;
  }
}

/** Says where JSON goes wrong; an empty text is a request without a body. */
function whyNotJson(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    // Chromium names the place twice.
    const reason = (error as Error).message.replace(/ in JSON at position \d+(?= \(line)/, "");
    return `This is no JSON: ${reason}`;
  }
}
