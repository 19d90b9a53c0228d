/** Paged tables: how numbers are rounded, and what is embedded. */
import { describe, expect, it } from 'vitest';
import { decimalsOf, fittingRows, numberText, pagedTable } from '../../src/core/pagedTable.js';

describe('numbers in a column', () => {
  it.each([
    [[1, 2, 3], 0],
    [[16.570312499999957, 1], 4],
    [[0.1 + 0.2], 1],
    [[1e-9], 0],
    [[123456.789], 0],
    [['text', null, 0.25], 2],
  ])('%j need %i decimals', (values, decimals) => expect(decimalsOf(values)).toBe(decimals));

  it.each([
    [2, 4, '2.0000'],
    [0, 2, '0.00'],
    [0.004, 2, '0.00400'],
    [-1.23456e-7, 4, '-1.23e-7'],
    [1e20, 0, '1.00000e+20'],
  ])('%d with %i decimals is %s', (value, decimals, text) => expect(numberText(value, decimals)).toBe(text));
});

describe('a paged table', () => {
  it('holds at most two million characters, and whole rows', () => {
    const rows = fittingRows(100, (index) => [index, 'x'.repeat(99_987)]);
    expect(rows).toHaveLength(20);
    expect(rows.at(-1)![0]).toBe(19);
  });

  it('goes on from any row, and never stands still', () => {
    const row = (index: number) => [index, 'x'.repeat(99_987)];
    expect(fittingRows(100, row, 20).map(([index]) => index)).toEqual(
      Array.from({ length: 20 }, (_, index) => 20 + index),
    );
    expect(fittingRows(100, row, 95)).toHaveLength(5);
    expect(fittingRows(100, row, 100)).toEqual([]);
    expect(fittingRows(3, (index) => [index, 'x'.repeat(3_000_000)])).toHaveLength(1);
  });

  it('has no text that could end its script', () => {
    const hostile = '</script><script>alert(1)</script>';
    const columns = [{ head: 'a', kind: 'text' }];
    const html = pagedTable({ columns, rows: [[hostile]], total: 1, page: 20 });
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).toContain('&lt;/script&gt;');
  });
});
