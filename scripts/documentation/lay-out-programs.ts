import type { CodeBlock } from "./code-blocks.ts";

/** A file of a folder that is checked as one project. */
export interface LaidOutFile {
  /** Path inside the folder. */
  readonly path: string;
  readonly block: CodeBlock;
  /** Whether it is only there to be imported, and was or will be checked elsewhere. */
  readonly copy: boolean;
}

/** Blocks that are checked together: of one language and with one prelude. */
export interface Project {
  readonly language: "ts" | "js";
  readonly prelude: string | undefined;
  readonly files: readonly LaidOutFile[];
}

/**
 * Gives each block a file. Those of one page that name their file lie beside each other, so that they find each other; where
 * a page has another version of a file, a new folder begins, in which the other files are as they were.
 */
export function layOutPrograms(blocks: readonly CodeBlock[]): readonly Project[] {
  const projects = new Map<string, { language: "ts" | "js"; prelude: string | undefined; files: LaidOutFile[] }>();
  const add = (block: CodeBlock, prelude: string | undefined, path: string, copy: boolean): void => {
    const language = languageOf(block);
    const key = `${language} ${prelude ?? ""}`;
    const project = projects.get(key) ?? { language, prelude, files: [] };
    projects.set(key, project);
    if (!project.files.some((file) => file.path === path)) project.files.push({ path, block, copy });
  };
  for (const page of new Set(blocks.map((block) => block.page))) {
    const folder = page.replaceAll(/[^\w]/g, "-");
    for (const language of ["ts", "js"]) {
      const own = blocks.filter((block) => block.page === page && languageOf(block) === language);
      const preludes = new Set(own.map(({ prelude }) => prelude));
      const named = new Map<string, CodeBlock>();
      let version = 1;
      for (const [index, block] of own.entries()) {
        if (block.file !== undefined && named.has(block.file)) version += 1;
        if (block.file !== undefined) named.set(block.file, block);
        const name = block.file ?? `block-${index + 1}.${language}`;
        add(block, block.prelude, `${folder}/${version}/${name}`, false);
        // What a page has named can be imported by all that follows, whatever completes it.
        for (const [file, earlier] of named) {
          for (const prelude of preludes) add(earlier, prelude, `${folder}/${version}/${file}`, true);
        }
      }
    }
  }
  return [...projects.values()];
}

function languageOf({ language }: CodeBlock): "ts" | "js" {
  return language.startsWith("t") ? "ts" : "js";
}
