/**
 * The examples of docstrings name only what exists: each is compiled as a cell, with the globals of cells, the exports of its own
 * file, and the variables that examples take as given. tests/examples runs them.
 */
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { kernelNames, lazyGlobals } from '../../kernel/globals.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { type Example, examples, importsOf } from '../examples/docstrings.js';
import { given } from '../examples/given.js';

const loader = `import * as library from '${packageRoot}/src/index.js';
declare global {
${Object.entries(lazyGlobals)
  .map(([name, { alias }]) => (alias === 'danfo' ? `  const ${name}: any;` : `  export import ${name} = ${alias};`))
  .join('\n')}
${kernelNames.map((name) => `  const ${name}: import('${packageRoot}/kernel/globals.js').KernelGlobals['${name}'];`).join('\n')}
${Object.keys(given)
  .map((name) => `  const ${name}: import('${packageRoot}/tests/examples/given.js').Given['${name}'];`)
  .join('\n')}
}
`;

/** The example as a module. */
function moduleOf(example: Example): string {
  const imports = [...importsOf(example)].map(
    ([word, file]) => `import { ${word} } from '${file.replace(/\.ts$/, '.js')}';`,
  );
  const declared = Object.entries(example.declared ?? {}).map(([name, type]) => `declare const ${name}: ${type};`);
  return [...imports, 'export {};', ...declared, example.code].join('\n');
}

/** Codes of TypeScript's errors that say that something does not exist. */
const missing = new Set([2304, 2305, 2307, 2339, 2551, 2552, 2503, 2694, 2353, 2561, 18004, 2774]);

const invented: Example = {
  name: 'invented',
  source: path.join(packageRoot, 'src/charts/figure.ts'),
  code: 'display(charts.line(history));',
  declared: undefined,
};

it('finds the examples', () => expect(examples.length).toBeGreaterThan(200));

it('of docstrings name only what exists', () => {
  const globals = path.join(packageRoot, 'tests/house/__globals__.ts');
  const texts = new Map([[globals, loader]]);
  const named = new Map<string, Example>();
  [...examples, invented].forEach((example, index) => {
    const file = path.join(path.dirname(example.source), `__example_${index}__.ts`);
    texts.set(file, moduleOf(example));
    named.set(file, example);
  });
  const { config } = ts.readConfigFile(path.join(packageRoot, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, packageRoot);
  const settings = { ...options, noEmit: true, incremental: false, skipLibCheck: true, verbatimModuleSyntax: false };
  delete settings.tsBuildInfoFile;
  const host = ts.createCompilerHost(settings);
  const program = ts.createProgram({
    rootNames: [...texts.keys()],
    options: settings,
    host: {
      ...host,
      fileExists: (file) => texts.has(file) || host.fileExists(file),
      readFile: (file) => texts.get(file) ?? host.readFile(file),
      getSourceFile: (file, version, ...rest) =>
        texts.has(file)
          ? ts.createSourceFile(file, texts.get(file)!, version)
          : host.getSourceFile(file, version, ...rest),
    },
  });
  const wrong = [...named].flatMap(([file, { name }]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .filter(({ code }) => missing.has(code) || code < 2000)
      .map(({ messageText, code }) => `${name}: ${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
  // The test can fail: help once recommended this function, which does not exist.
  expect(wrong).toEqual([expect.stringMatching(/^invented: 2339 Property 'line' does not exist/)]);
}, 120_000);
