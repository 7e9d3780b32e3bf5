import * as assert from "uvu/assert";
import { examineSymbol } from "../../scripts/doc-comments/doc-comment-rules.ts";
import type { DocTag, ExportedSymbol, SymbolMember } from "../../scripts/doc-comments/exported-symbols.ts";
import { describe } from "../support/suite.ts";

const example: DocTag = { kind: "example", doc: "```ts\nwork();\n```" };

function symbol(own: Partial<ExportedSymbol>): ExportedSymbol {
  return {
    name: "work",
    kind: "function",
    place: "mod.ts:1",
    comment: {},
    members: [],
    isFunctionType: false,
    ...own,
  };
}

function throwing(type: string, doc: string): ExportedSymbol {
  return symbol({ comment: { doc: "Works.", tags: [{ kind: "throws", type, doc }, example] } });
}

function problemsOf(own: ExportedSymbol): readonly string[] {
  return examineSymbol(own).problems;
}

describe("The rules of doc comments", (test) => {
  test("want of a function what it is, how it fails and how it is used", () => {
    assert.equal(problemsOf(symbol({})), [
      "work has no doc comment",
      "work has no @throws, and does not say that it never throws",
      "work has no @example",
    ]);
    const whole = symbol({ comment: { doc: "Works. Never throws.", tags: [example] } });
    assert.equal(examineSymbol(whole), { documented: 1, throws: 1, examples: 1, problems: [] });
  });

  test("want of @throws for what, and the library's codes of its own error", () => {
    assert.equal(problemsOf(throwing("TypeError", "for options that cannot work")), []);
    assert.equal(problemsOf(throwing("MessagingError", "`TIMEOUT` when it is late")), []);
    assert.equal(problemsOf(throwing("MessagingError", "as `request` does")), []);
    assert.match(problemsOf(throwing("TypeError", ""))[0]!, /does not say for what$/);
    assert.match(problemsOf(throwing("MessagingError", "when it is late"))[0]!, /without a code$/);
    assert.match(problemsOf(throwing("MessagingError", "`TOO_LATE`"))[0]!, /throws TOO_LATE, which is no code/);
  });

  test("want the same of every method, and less of one whose interface says it for all", () => {
    const member: SymbolMember = { name: "stop", kind: "method", comment: { doc: "Stops." }, isCalled: true };
    const of = (doc: string): ExportedSymbol => symbol({ kind: "interface", comment: { doc }, members: [member] });
    assert.match(problemsOf(of("Works."))[0]!, /^work\.stop has no @throws/);
    assert.equal(problemsOf(of("Works. Its methods must not\nthrow.")), []);
    const property: SymbolMember = { name: "size", kind: "property", comment: {}, isCalled: false };
    assert.equal(problemsOf(symbol({ kind: "interface", comment: { doc: "Works." }, members: [property] })), [
      "work.size has no doc comment",
    ]);
  });

  test("want an example of what programs write: options, definitions, limits and functions", () => {
    const comment = { doc: "What it is." };
    for (const name of ["WorkOptions", "WorkDefinition", "WorkLimits"]) {
      assert.equal(problemsOf(symbol({ name, kind: "interface", comment })), [`${name} has no @example`]);
    }
    assert.equal(problemsOf(symbol({ kind: "typeAlias", isFunctionType: true, comment })), ["work has no @example"]);
    assert.equal(problemsOf(symbol({ kind: "interface", comment })), []);
  });

  test("take no example that is not TypeScript", () => {
    const tags = [{ kind: "example", doc: "```sh\nwork\n```" }];
    const comment = { doc: "Works. Never throws.", tags };
    assert.equal(problemsOf(symbol({ comment })), ["work has no @example"]);
  });
});
