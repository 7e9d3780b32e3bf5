import * as assert from "uvu/assert";
import { compileSubjectTemplate } from "../../src/contract/subject-template.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

const prefix = "shop.v1.event.moved";
const moved = compileSubjectTemplate("moved", "{region}.fixed.{id}");
const plain = compileSubjectTemplate("told", undefined);

function refusedWith(message: RegExp) {
  return (error: { code?: string; message?: string; operation?: string }): boolean => {
    assert.is(error.code, "INVALID_EVENT");
    assert.is(error.operation, "moved");
    assert.match(error.message ?? "", message);
    return true;
  };
}

describe("publishSubject()", (test) => {
  test("fills in the fields, escaped, numbers as text", () => {
    assert.is(moved.publishSubject(prefix, { region: "eu", id: 7 }), `${prefix}.eu.fixed.7`);
    assert.is(moved.publishSubject(prefix, { region: "e.u *", id: -1.5 }), `${prefix}.e=2Eu=20=2A.fixed.-1=2E5`);
    assert.is(plain.publishSubject(prefix, "anything"), prefix);
  });

  test("refuses a field that makes no token, naming the event and the field", () => {
    for (const region of [undefined, null, "", true, {}, Number.NaN, Infinity, "a".repeat(129), "\ud800"]) {
      assert.throws(
        () => moved.publishSubject(prefix, { region, id: "1" }),
        refusedWith(/^The field "region" of event "moved" cannot be a subject token/),
      );
    }
  });

  test("refuses a subject over 1,024 bytes", () => {
    const names = Array.from({ length: 9 }, (_, index) => `f${index}`);
    const long = compileSubjectTemplate("moved", names.map((name) => `{${name}}`).join("."));
    const data = Object.fromEntries(names.map((name) => [name, "x".repeat(128)]));
    assert.throws(() => long.publishSubject(prefix, data), refusedWith(/longer than 1024 bytes/));
  });
});

describe("subscribeSubject()", (test) => {
  test("puts * for what is left out", () => {
    assert.is(moved.subscribeSubject(prefix, {}), `${prefix}.*.fixed.*`);
    assert.is(moved.subscribeSubject(prefix, { region: "eu" }), `${prefix}.eu.fixed.*`);
    assert.is(moved.subscribeSubject(prefix, { id: undefined, region: "*" }), `${prefix}.=2A.fixed.*`);
    assert.is(plain.subscribeSubject(prefix, {}), prefix);
  });

  test("refuses a parameter that the subject does not have, saying which it has", () => {
    assert.throws(
      () => moved.subscribeSubject(prefix, { planet: "mars" }),
      refusedWith(/^Event "moved" has no subject parameter "planet": it has region, id$/),
    );
    assert.throws(() => plain.subscribeSubject(prefix, { region: "eu" }), /it has none$/);
  });

  test("refuses a value that makes no token: null would be a wildcard nobody asked for", () => {
    for (const region of [null, "", true, {}]) {
      assert.throws(() => moved.subscribeSubject(prefix, { region }), refusedWith(/^The field "region"/));
    }
  });
});

describe("read()", (test) => {
  test("gives back what was filled in, as text", () => {
    const random = seededRandom(4);
    const characters = [..."aZ9_-.*> =é中", "😀"];
    for (let round = 0; round < 1_000; round++) {
      const region = Array.from({ length: 1 + random.below(8) }, () => random.pick(characters)).join("");
      const id = random.below(1_000_000) - 500_000;
      const read = moved.read(prefix, moved.publishSubject(prefix, { region, id }));
      assert.equal({ ...read }, { region, id: String(id) });
    }
    assert.equal({ ...plain.read(prefix, prefix) }, {});
  });

  test("gives undefined for a subject of another form", () => {
    const subjects = [
      "",
      ".eu",
      ".eu.fixed",
      ".eu.fixed.1.2",
      ".eu.other.1",
      ".eu.fixed.=zz",
      ".eu..1",
      "X.eu.fixed.1",
      "Xeu.fixed.1",
    ];
    for (const subject of subjects) assert.is(moved.read(prefix, prefix + subject), undefined, subject);
    assert.is(moved.read(prefix, "shop.v2.event.moved.eu.fixed.1"), undefined);
    assert.is(plain.read(prefix, `${prefix}.eu`), undefined);
    assert.is(plain.read(prefix, `${prefix}Again`), undefined);
  });

  test("gives an object without a prototype, whatever a parameter is named", () => {
    const odd = compileSubjectTemplate("moved", "{__proto__}.{constructor}");
    const read = odd.read(prefix, `${prefix}.a.b`)!;
    assert.is(Object.getPrototypeOf(read), null);
    assert.equal(Object.keys(read), ["__proto__", "constructor"]);
  });
});

describe("readFilter()", (test) => {
  test("reads what a subscription fixes, and leaves out what it leaves open", () => {
    const read = (subject: string): unknown => {
      const params = moved.readFilter(prefix, subject);
      return params === undefined ? undefined : { ...params };
    };
    for (const params of [{}, { region: "e.u *" }, { id: "7" }, { region: "eu", id: "7" }]) {
      assert.equal(read(moved.subscribeSubject(prefix, params)), params);
    }
    const none = [
      "eu.fixed",
      "eu.*.7",
      "*.fixed.*.*",
      "eu.fixed.>",
      ">",
      "",
      "e u.fixed.7",
      "**.fixed.7",
      "=41.fixed.7",
    ];
    for (const rest of none) assert.is(read(`${prefix}.${rest}`), undefined, rest);
    assert.is(read(`shop.v1.event.told.eu.fixed.7`), undefined);
    assert.equal({ ...plain.readFilter(prefix, prefix) }, {});
  });

  test("read() takes no open parameter: nobody publishes to one", () => {
    assert.is(moved.read(prefix, `${prefix}.*.fixed.7`), undefined);
  });
});
