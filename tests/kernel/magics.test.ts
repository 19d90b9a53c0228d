import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitArguments } from '../../kernel/magics/npm.js';
import { parseCell } from '../../kernel/magics/parse.js';
import { listMagics, magicNames, magics } from '../../kernel/magics/table.js';
import { duration } from '../../kernel/magics/time.js';
import { errorOf, KernelProcess, resultOf, textOf, type Answer } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-magics-'));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

const shown = ({ outputs }: Answer) =>
  outputs.filter(({ type }) => type === 'display_data').map(({ content }) => content.data as Record<string, string>);

const complete = async (code: string) => {
  const reply = await kernel.request('complete_request', { code, cursor_pos: code.length });
  return reply as { matches: string[]; cursor_start: number; cursor_end: number };
};

describe('the parts of a cell', () => {
  it('are line magics at the top, with blank lines and comments between, and the code below them', () => {
    const { magics: found, code } = parseCell('// first\n%who\n\n%time f(1)\nconst x = 1;\n%b');
    expect(found).toEqual([
      { kind: 'line', name: 'who', argument: '', line: 1, column: 4 },
      { kind: 'line', name: 'time', argument: 'f(1)', line: 3, column: 6 },
    ]);
    expect(code).toBe('// first\n\n\n\nconst x = 1;\n%b');
  });

  it('are a cell magic only in the first line that is not blank', () => {
    expect(parseCell('\n%%html\n<b>').magics).toMatchObject([{ kind: 'cell', name: 'html', line: 1 }]);
    expect(parseCell('1;\n%%html').magics).toEqual([]);
    expect(parseCell('%who\n%%html').magics).toMatchObject([{ name: 'who' }]);
  });

  it('are not magics if % divides', () => {
    for (const code of ['let a = 7;\na\n% 4', '7\n%a', '`\n%who`', '% b']) expect(parseCell(code).magics).toEqual([]);
  });
});

describe('a cell magic', () => {
  it.each([
    ['%%html\n<b>bold</b>', 'text/html', '<b>bold</b>'],
    ['%%svg\n<svg/>', 'image/svg+xml', '<svg/>'],
    ['%%markdown\n# T\n\n- a', 'text/markdown', '# T\n\n- a'],
    ['%%latex\n$x^2$', 'text/latex', '$x^2$'],
    ['%%javascript\nelement.append(1)', 'application/javascript', 'element.append(1)'],
    ['%%javascript\nalert(1)', 'application/javascript', 'alert(1)'],
  ])('%j is shown as %s', async (code, type, expected) => {
    const answer = await kernel.execute(code);
    expect(shown(answer)).toMatchObject([{ [type]: expected, 'text/plain': expect.any(String) as string }]);
    expect(answer.reply.status).toBe('ok');
  });

  it('%%time runs the cell, gives its result and prints how long it took', async () => {
    const answer = await kernel.execute('%%time\nconst timed = 20;\ntimed + 1');
    expect(resultOf(answer)).toBe('21');
    expect(textOf(answer)).toMatch(/^Wall time: [\d.]+ (µs|ms|s)\n$/);
    expect(resultOf(await kernel.execute('timed'))).toBe('20');
  });

  it("points at the cell's own line in an error", async () => {
    const { traceback } = errorOf(await kernel.execute("%%time\nlet fine = 1;\nthrow new Error('third line');"));
    expect(traceback).toMatch(/cell-\d+\.ts:3:7/);
    expect(traceback).toContain("> 3 | throw new Error('third line');");
  });
});

describe('a line magic', () => {
  it('%time runs an expression, and the rest of the cell runs after it', async () => {
    const answer = await kernel.execute('%time await Promise.resolve(5)\nconst after = 6;\nafter');
    expect(textOf(answer)).toContain('Wall time: ');
    expect(resultOf(answer)).toBe('6');
    expect(resultOf(await kernel.execute('%time 40 + 2'))).toBe('42');
  });

  it('keeps the line numbers below it in errors', async () => {
    const { traceback } = errorOf(await kernel.execute('%who\nlet wrong: number = true;'));
    expect(traceback).toContain('> 2 | let wrong: number = true;');
    expect(errorOf(await kernel.execute('%time undeclared()')).traceback).toContain('line-1.ts:1:7');
  });

  it('stops the cell if it fails', async () => {
    const { ename, evalue } = errorOf(await kernel.execute('%time\nglobalThis.reached = true;'));
    expect([ename, evalue]).toEqual(['MagicError', expect.stringContaining('needs code to run') as string]);
    expect(resultOf(await kernel.execute('(globalThis as { reached?: boolean }).reached ?? "not reached"'))).toBe(
      "'not reached'",
    );
  });

  it('is not a magic if the line continues a division', async () => {
    expect(resultOf(await kernel.execute('const who = 4;\n7\n%who'))).toBe('3');
  });
});

describe('%who and %reset', () => {
  it('show the variables with their types, and forget them', async () => {
    await kernel.execute('%reset -f');
    expect(textOf(await kernel.execute('%who'))).toBe('No variables yet.\n');
    await kernel.execute(
      "let count = 3;\nconst names: readonly string[] = ['a'];\nfunction twice(n: number) { return 2 * n; }\nclass Box { side = 1; }",
    );
    const text = shown(await kernel.execute('%who'))[0]!['text/plain']!;
    expect(text).toMatch(/count +number +3/);
    expect(text).toMatch(/names +readonly string\[\] +\[ 'a' \]/);
    expect(text).toMatch(/twice +\(n: number\) => number +\[Function: twice\]/);
    expect(text).toMatch(/Box +class +\[class Box\]/);
    const answer = await kernel.execute('%reset');
    expect(textOf(answer)).toMatch(/^Forgets 4 variables: /);
    expect(errorOf(await kernel.execute('count')).evalue).toContain("Cannot find name 'count'");
    expect(resultOf(await kernel.execute('const count = "new"; count'))).toBe("'new'");
    expect((await kernel.execute('%reset -f')).outputs).toEqual([]);
  });

  it('refuse unknown arguments', async () => {
    expect(errorOf(await kernel.execute('%reset all')).evalue).toBe("%reset knows only -f (print nothing), not 'all'.");
  });
});

describe('an unknown magic', () => {
  it('is an error that proposes the nearest', async () => {
    const { ename, evalue, traceback } = errorOf(await kernel.execute('%tiem 1'));
    expect(ename).toBe('MagicError');
    expect(evalue).toBe("'%tiem' is not a magic; did you mean '%time'? %lsmagic lists them all.");
    expect(traceback).toContain('> 1 | %tiem 1\n    | ^^^^^^^');
    expect(errorOf(await kernel.execute('%%htm\n<b>')).evalue).toContain("did you mean '%%html'?");
    expect(errorOf(await kernel.execute('%zzzzzz')).evalue).toBe("'%zzzzzz' is not a magic. %lsmagic lists them all.");
  });

  it('says how a magic of the other kind is written', async () => {
    expect(errorOf(await kernel.execute('%html <b>')).evalue).toContain('write it as %%html');
    expect(errorOf(await kernel.execute('%%who\n1')).evalue).toContain('write it as %who');
  });

  it('below code gets a hint', async () => {
    const { ename, traceback } = errorOf(await kernel.execute('let x = 1;\n%lsmagic'));
    expect(ename).toBe('SyntaxError');
    expect(traceback).toContain("(If '%lsmagic' is meant as a magic: magics are written at the top of a cell.)");
  });
});

describe('help', () => {
  it('lists every magic with all its usages', async () => {
    const text = textOf(await kernel.execute('%lsmagic'));
    expect(text).toBe(`${listMagics()}\n`);
    for (const name of magicNames) for (const usage of magics[name].usage) expect(text).toContain(usage);
  });

  it.each(['%time?', '?%time', '%%time ?'])('of one magic comes by %s, in the pager', async (code) => {
    const { reply } = await kernel.execute(code);
    expect(reply.payload).toEqual([
      {
        source: 'page',
        start: 0,
        data: { 'text/plain': '%time EXPRESSION\n%%time\n\nRuns code and prints how long it took.' },
      },
    ]);
  });

  it('of all magics comes by %magic?', async () => {
    const { reply } = await kernel.execute('%magic?');
    expect(reply.payload).toMatchObject([{ data: { 'text/plain': listMagics() } }]);
  });
});

describe('an editor', () => {
  it('completes names of magics at the top of a cell', async () => {
    expect(await complete('%t')).toMatchObject({
      matches: ['%time', '%%time', '%typecheck'],
      cursor_start: 0,
      cursor_end: 2,
    });
    expect((await complete('%%h')).matches).toEqual(['%%html']);
    expect(await complete('%who\n%res')).toMatchObject({ matches: ['%reset'], cursor_start: 5, cursor_end: 9 });
  });

  it('completes code behind and below magics, and nothing in other languages', async () => {
    const behind = await complete('%time Math.flo');
    expect(behind).toMatchObject({ matches: ['floor'], cursor_start: 11, cursor_end: 14 });
    expect((await complete('%%time\nMath.flo')).matches).toEqual(['floor']);
    expect((await complete('%%html\nMath.flo')).matches).toEqual([]);
    expect((await complete('const b = 1;\n%t')).matches).not.toContain('%time');
  });

  it('shows help for a magic, and for the code behind it', async () => {
    const inspect = async (code: string, position: number) => {
      const { data } = await kernel.request('inspect_request', { code, cursor_pos: position, detail_level: 0 });
      return (data as Record<string, string>)['text/plain'];
    };
    expect(await inspect('%time Math.floor(1)', 3)).toBe(
      '%time EXPRESSION\n%%time\n\nRuns code and prints how long it took.',
    );
    expect(await inspect('%time Math.floor(1)', 13)).toContain('floor(x: number): number');
    expect(await inspect('%%html\nMath.floor', 14)).toBeUndefined();
  });

  it.each([
    ['%who', 'complete'],
    ['%who\nfunction f() {', 'incomplete'],
    ['%%html', 'incomplete'],
    ['%%html\n<b>', 'incomplete'],
    ['%%html\n<b>\n', 'complete'],
    ['%%time\nfor (;;) {', 'incomplete'],
    ['%%time\n1\n', 'complete'],
    ['7\n%who', 'complete'],
  ])('is told whether %j is complete', async (code, status) => {
    expect((await kernel.request('is_complete_request', { code })).status).toBe(status);
  });
});

describe('%npm', () => {
  it('installs into the folder of the notebook, and the next cell can import it', async () => {
    const source = path.join(folder, 'source');
    await mkdir(source);
    const name = 'apolab-test-package';
    await writeFile(path.join(source, 'package.json'), JSON.stringify({ name, version: '1.2.3', types: 'index.d.ts' }));
    await writeFile(path.join(source, 'index.js'), 'exports.greet = (who) => `hello ${who}`;');
    await writeFile(path.join(source, 'index.d.ts'), 'export declare function greet(who: string): string;');
    expect(errorOf(await kernel.execute(`import { greet } from '${name}';`)).evalue).toContain('Cannot find module');

    const answer = await kernel.execute(`%npm install "./source"`);
    expect(textOf(answer)).toContain('added 1 package');
    expect(answer.reply.status).toBe('ok');
    expect(resultOf(await kernel.execute(`import { greet } from '${name}';\ngreet('you')`))).toBe("'hello you'");
    const { dependencies } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    expect(Object.keys(dependencies)).toEqual([name]);
  });

  it('does not pass its arguments to a shell', async () => {
    const answer = await kernel.execute('%npm ls ;touch stolen $(touch stolen) `touch stolen` | touch stolen');
    expect(answer.reply.status).toBe('error');
    await expect(stat(path.join(folder, 'stolen'))).rejects.toThrow('ENOENT');
  });

  it('prints what npm printed if it fails, and lists its commands', async () => {
    const answer = await kernel.execute('%npm install ./nowhere');
    expect(errorOf(answer).evalue).toMatch(/^npm install \.\/nowhere failed \(\d+\)/);
    expect(textOf(answer)).toContain('nowhere');
    expect(errorOf(await kernel.execute('%npm publish')).evalue).toContain(
      "%npm does not know 'publish'; it knows: install",
    );
  });

  it('ends when the cell is interrupted', async () => {
    const slow = path.join(folder, 'slow');
    await mkdir(slow);
    const scripts = { preinstall: `node -e "console.log('now'); setTimeout(() => {}, 60000)"` };
    await writeFile(path.join(slow, 'package.json'), JSON.stringify({ name: 'slow', version: '1.0.0', scripts }));
    const parent = await kernel.sendCell('%npm install --ignore-scripts=false --foreground-scripts ./slow');
    await kernel.untilPrinted(parent, 'now');
    await kernel.call('interrupt');
    const answer = await kernel.finish(parent);
    expect(errorOf(answer).ename).toBe('KeyboardInterrupt');
    expect(resultOf(await kernel.execute('1 + 1'))).toBe('2');
  });

  it('splits its arguments at spaces outside quotes', () => {
    expect(splitArguments(`install "left-pad@>=1" 'a b' c`)).toEqual(['install', 'left-pad@>=1', 'a b', 'c']);
  });
});

describe('a duration', () => {
  it.each([
    [0.0123, '12.3 µs'],
    [12.345, '12.3 ms'],
    [1234.5, '1.23 s'],
    [125_000, '2 min 5 s'],
  ])('of %d ms is written as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
