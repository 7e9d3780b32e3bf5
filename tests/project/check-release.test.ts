import * as assert from "uvu/assert";
import { releaseProblems } from "../../scripts/check-release.ts";
import { describe } from "../support/suite.ts";

const changelog = "# Changelog\n\n## 1.2.3\n\n- Add it.\n\n## 1.2.2\n";
const versions = { "package.json": "1.2.3", "deno.json": "1.2.3" };

describe("releaseProblems()", (test) => {
  test("finds nothing where tag, manifests and changelog agree", () => {
    assert.equal(releaseProblems("v1.2.3", versions, changelog), []);
    const next = { "package.json": "2.0.0-rc.1" };
    assert.equal(releaseProblems("v2.0.0-rc.1", next, "## 2.0.0-rc.1\n"), []);
  });

  test("finds a tag that is no version", () => {
    for (const tag of ["", "1.2.3", "v1.2", "v1.2.3 && rm"]) {
      assert.match(releaseProblems(tag, versions, changelog)[0]!, /is no version/);
    }
  });

  test("finds a manifest and a changelog that were left behind", () => {
    assert.equal(releaseProblems("v1.2.4", { ...versions, "jsr.json": "1.2.4" }, changelog), [
      "package.json has version 1.2.3, the release is 1.2.4",
      "deno.json has version 1.2.3, the release is 1.2.4",
      'CHANGELOG.md has no heading "## 1.2.4"',
    ]);
  });
});
