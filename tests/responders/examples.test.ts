/** The examples of these docstrings say what they give, and give it. */
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { expect, it } from 'vitest';

const folder = new URL('../../src/responders/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .sort();
/** Their examples ask a real server. */
const needServer = ['endpoint/budget.ts', 'endpoint/endpoint.ts', 'endpoint/usage.ts'];
const exported: Record<string, unknown> = {};
for (const file of files) Object.assign(exported, await import(new URL(file, folder).href));

const examples = files
  .filter((file) => !needServer.includes(file))
  .flatMap((file) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/@example\n((?: \* .*\n)+)/g)].map((match, index) => ({
      name: `${file} ${index + 1}`,
      code: match[1]!.replaceAll(/^ \* /gm, ''),
    })),
  );

/** The example as a script that calls `promise(value, promised)` wherever a comment behind an expression promises a value. */
function scriptOf(code: string): string {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const ends = [...source.statements.slice(1).map((next) => next.getStart()), code.length];
  const lines = source.statements.map((statement, index) => {
    const promised = code
      .slice(statement.getEnd(), ends[index])
      .replaceAll(/^\s*\/\/ ?/gm, '')
      .trim();
    if (promised === '' || !ts.isExpressionStatement(statement)) return statement.getText();
    return `promise(${statement.expression.getText()}, (${promised}));`;
  });
  return ts.transpile(`(async () => {\n${lines.join('\n')}\n})()`, { target: ts.ScriptTarget.ES2022 });
}

it.each(examples)('$name', async ({ code }) => {
  const promises: [unknown, unknown][] = [];
  const promise = (value: unknown, promised: unknown) => promises.push([value, promised]);
  await runInNewContext(scriptOf(code), { ...exported, promise });
  expect(promises.length).toBeGreaterThan(0);
  // Values of two contexts have two kinds of arrays and objects.
  const plain = (value: unknown): unknown => (typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value);
  for (const [value, promised] of promises) expect(plain(value)).toEqual(plain(promised));
});

it('has one for whatever the room exports as a function of the user', () => {
  const named = new Set(examples.map(({ name }) => name.split(' ')[0]));
  const inner = [
    ...['adaptations', 'budget', 'bufferedFetch', 'endpoint', 'rateLimiter', 'retryPolicy', 'settings', 'usage'].map(
      (name) => `endpoint/${name}.ts`,
    ),
    'judges/factTable.ts',
    'judges/statedValue.ts',
    'prompts/textSpan.ts',
    'responder.ts',
    'userFunction.ts',
  ];
  expect(files.filter((file) => !named.has(file))).toEqual(inner);
});
