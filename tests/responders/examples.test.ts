/** The examples in the docstrings of src/responders run, and give the values in their comments. */
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { expect, it } from 'vitest';

const folder = new URL('../../src/responders/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .sort();
/** These examples ask a real server. */
const needServer = ['endpoint/budget.ts 1', 'endpoint/endpoint.ts 1', 'endpoint/usage.ts 1'];
const exported: Record<string, unknown> = {};
for (const file of files) Object.assign(exported, await import(new URL(file, folder).href));

const examples = files
  .flatMap((file) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/@example\n((?: \* .*\n)+)/g)].map((match, index) => ({
      name: `${file} ${index + 1}`,
      code: match[1]!.replaceAll(/^ \* /gm, ''),
    })),
  )
  .filter(({ name }) => !needServer.includes(name));

/** The example as a script that calls `promise(value, promised)` for each expression with a value in the comment after it. */
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
  await runInNewContext(scriptOf(code), { ...exported, promise, Headers });
  expect(promises.length).toBeGreaterThan(0);
  // Arrays and objects of two contexts have different prototypes.
  const plain = (value: unknown): unknown => (typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value);
  for (const [value, promised] of promises) expect(plain(value)).toEqual(plain(promised));
});

it('are in every file, except types, internal helpers and what needs a server', () => {
  const named = new Set(examples.map(({ name }) => name.split(' ')[0]));
  const inner = [
    'endpoint/adaptations.ts',
    'endpoint/chatClient.ts',
    'endpoint/chatRequest.ts',
    'endpoint/endpoint.ts',
    'endpoint/httpPost.ts',
    'endpoint/rateLimiter.ts',
    'endpoint/requestSender.ts',
    'endpoint/retryingSender.ts',
    'endpoint/serverError.ts',
    'endpoint/settings.ts',
    'endpoint/usage.ts',
    'endpoint/usageMeter.ts',
    'judges/factTable.ts',
    'judges/statedValue.ts',
    'prompts/textSpan.ts',
    'responder.ts',
    'userFunction.ts',
  ];
  expect(files.filter((file) => !named.has(file))).toEqual(inner);
});
