/** CSV as people and spreadsheets write it: dialects are detected, and a fault skips only its own row. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeCell, encodeCell } from '../../../src/pairs/formats/csvCells.js';
import { collect, readPairs, streamPairs, streamPrompts, writePairs } from '../../../src/preference.js';
import { createRandom } from '../../../src/core/random.js';

const folder = await mkdtemp(path.join(tmpdir(), 'csv-'));
afterAll(() => rm(folder, { recursive: true }));
const file = path.join(folder, 'pairs.csv');

async function rowsOf(content: string | Buffer, options = {}) {
  await writeFile(file, content);
  return collect(streamPairs(file, options));
}
const pair = (prompt: string, chosen: string, rejected: string, more = {}) => ({ prompt, chosen, rejected, ...more });
const header = 'prompt,chosen,rejected\n';
const good = { kind: 'pair', pair: pair('x', 'y', 'z') };

describe('the dialects of CSV', () => {
  it.each([
    ['a comma', 'prompt,chosen,rejected\n"a, b",c,d\n'],
    ['a semicolon, as spreadsheets of half of Europe write it', 'prompt;chosen;rejected\n"a, b";c;d\n'],
    ['a tab', 'prompt\tchosen\trejected\na, b\tc\td\n'],
    ['a bar', 'prompt|chosen|rejected\na, b|c|d\n'],
    ['a byte order mark and CRLF', '\uFEFFprompt,chosen,rejected\r\n"a, b",c,d\r\n'],
    ['quoted names and no line break at the end', '"prompt","chosen","rejected"\n"a, b","c","d"'],
    ['blank lines', 'prompt,chosen,rejected\n\n"a, b",c,d\n\n\n'],
    ['other columns of any order', 'rejected,prompt,chosen\nd,"a, b",c\n'],
  ])('%s', async (_, content) => {
    const rows = await rowsOf(content);
    expect(rows.map((row) => row.kind === 'pair' && row.pair)).toEqual([pair('a, b', 'c', 'd')]);
  });

  it('uses the given delimiter, also if the header has others', async () => {
    const [row] = await rowsOf('prompt:chosen:rejected\na,b:c:d\n', { delimiter: ':' });
    expect(row).toEqual({ kind: 'pair', row: 2, pair: pair('a,b', 'c', 'd') });
  });

  it('reads cells of several lines, doubled quotes, and quotes inside unquoted cells', async () => {
    const rows = await rowsOf(`${header}"one\r\ntwo\n\nthree","he said ""hi""",it is 5" wide\nx,y,z\n`);
    expect(rows).toEqual([
      { kind: 'pair', row: 2, pair: pair('one\r\ntwo\n\nthree', 'he said "hi"', 'it is 5" wide') },
      { ...good, row: 3 },
    ]);
  });

  it('reads conversations as JSON, scores as numbers, and other cells by their content', async () => {
    const messages = [{ role: 'user', content: 'a "b"' }];
    const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
    const answer = quoted([{ role: 'assistant', content: 'c' }]);
    const rows = await rowsOf(
      `prompt,chosen,rejected,score_chosen,score_rejected,id,code,tags,empty\n` +
        `${quoted(messages)},${answer},d,9.0,1e0,12,007,"[""a""]",\n`,
    );
    expect(rows).toEqual([
      {
        kind: 'pair',
        row: 2,
        pair: pair('a "b"', 'c', 'd', {
          conversation: messages,
          scores: { chosen: 9, rejected: 1 },
          columns: { id: 12, code: '007', tags: ['a'] },
        }),
      },
    ]);
  });

  it('gives prompts and responses', async () => {
    await writeFile(file, 'prompt,response\nwhy,so\nhow,\n');
    expect(await collect(streamPrompts(file))).toEqual([
      { kind: 'prompt', row: 2, prompt: 'why', response: 'so' },
      { kind: 'prompt', row: 3, prompt: 'how' },
    ]);
  });
});

describe('a fault of CSV', () => {
  it.each([
    ['a cell too few', 'a,b', 'has 2 cells, but the first row names 3 columns; quote cells'],
    ['a cell too many', 'a,b,c,d', 'has 4 cells, but the first row names 3 columns; quote cells'],
    ['a quote that is never closed', 'a,"b,c', 'opens a quote that is not closed; close it, or double it'],
    ["a list as Python's str() has it", `a,"[{'role': 'user'}]",c`, '"chosen" is a Python list, not JSON; write such'],
    ['an empty cell', 'a,,c', '"chosen" is missing; the row has "prompt", "rejected"'],
    ['an overlong row', `a,${'b'.repeat(2000)},c`, 'is longer than 1,000 bytes; shorten it'],
  ])('skips only its own row: %s', async (_, line, reason) => {
    const rows = await rowsOf(`${header}x,y,z\n${line}\nx,y,z\n\n"x",y,z\n`, { maxLineBytes: 1000 });
    expect(rows.map((row) => row.row)).toEqual([2, 3, 4, 6]);
    expect(rows.filter((row) => row.kind === 'pair').map((row) => row.pair)).toEqual([good.pair, good.pair, good.pair]);
    const [skipped] = rows.filter((row) => row.kind === 'skipped');
    expect(skipped!.row).toBe(3);
    expect(skipped!.reason).toContain(reason);
    expect(skipped!.text).toBe(line.slice(0, 1000));
  });

  it('skips only its own row if bytes are not UTF-8', async () => {
    const rows = await rowsOf(Buffer.from(`${header}a,caf\xe9,c\nx,y,z\n`, 'latin1'));
    expect(rows).toMatchObject([
      {
        kind: 'skipped',
        row: 2,
        reason: 'has bytes that are not UTF-8; save the file as UTF-8',
        text: 'a,caf\uFFFD,c',
      },
      good,
    ]);
  });

  it('never skips another row, for a thousand random cells', async () => {
    // The expected result, computed independently: each row is read whole or skipped with its text.
    for (let seed = 0; seed < 100; seed += 1) {
      const random = createRandom(seed, 'broken csv');
      const pieces = ['a', '"', ',', '\n', '\r\n', ' ', '""', 'é', '"x"', ',,'];
      const body = Array.from({ length: 60 }, () => random.pick(pieces)).join('');
      const rows = await rowsOf(`${header}${body}`).catch((error: unknown) => {
        expect(String(error)).toContain('has no rows');
        return [];
      });
      const letters = (text: string) => text.replace(/[^aéx]/g, '').length;
      const kept = rows.map((row) =>
        row.kind === 'skipped'
          ? row.text
          : Object.values(row.pair)
              .filter((value) => typeof value === 'string')
              .join(),
      );
      expect(letters(kept.join()), `seed ${seed}: ${JSON.stringify(body)}`).toBe(letters(body));
    }
  });

  it.each([
    ['UTF-16', Buffer.from(`\uFEFF${header}a,b,c\n`, 'utf16le'), 'is in UTF-16'],
    ['only carriage returns', 'prompt,chosen,rejected\ra,b,c\r', 'ends its lines with carriage returns alone'],
    ['two columns of one name', 'prompt,chosen,chosen\na,b,c\n', 'has two columns "chosen"'],
    ['a column without a name', 'prompt,,chosen,\na,b,c,d\n', 'has columns without a name in its first row'],
    ['only a header', header, 'has no rows'],
  ])('is an error of the whole file: %s', async (_, content, message) => {
    await expect(rowsOf(content)).rejects.toThrow(message);
  });
});

describe('a cell', () => {
  it.each([
    ['prompt', '[1]'],
    ['prompt', '"quoted"'],
    ['prompt', '""'],
    ['id', '12'],
    ['id', '"12"'],
    ['id', '\\"12\\"'],
    ['id', 'null'],
    ['id', ''],
    ['id', '[{"role": "user"}]'],
    ['prompt', '[{"role":"user","content":"x"}]'],
    ['rationale', '[{"role":"user","content":"x"}]'],
  ])('of %s gives the text %j back', (column, text) => {
    expect(decodeCell(column, encodeCell(column, text))).toBe(text);
    // The quoted form of such a text must itself be read back as a text.
    const twice = encodeCell(column, text);
    expect(decodeCell(column, encodeCell(column, twice))).toBe(twice);
  });

  it('is written without quotes if possible, so that other programs read the text', async () => {
    await writePairs(file, [pair('a, "b"\n', '12', ' 5', { rationale: '{}', columns: { id: '5', n: 5 } })]);
    expect(await readFile(file, 'utf8')).toBe(
      'prompt,chosen,rejected,rationale,id,n\n"a, ""b""\n",12," 5",{},"""5""",5\n',
    );
    expect((await readPairs(file)).pairs[0]!.columns).toEqual({ id: '5', n: 5 });
  });
});
