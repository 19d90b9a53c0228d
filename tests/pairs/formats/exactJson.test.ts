/** JSON that keeps the digits of integers. */
import { expect, it } from 'vitest';
import { parseJson, stringifyJson, tryParseJson } from '../../../src/pairs/formats/exactJson.js';

it.each([
  '{"id":12345678901234567890}',
  '[-9223372036854775808,9223372036854775807,[18446744073709551617]]',
  '{"a":"12345678901234567890","b":"\\"12345678901234567890","c":"\\\\"}',
  '{"12345678901234567890":1}',
  '0.12345678901234566',
  '[1.2345678901234567,1e+21,1234567890123456]',
  '{"text":"id 12345678901234567891, or \\"12345678901234567892\\"","id":12345678901234567893}',
  '["\\ud83d"]',
  '{"__proto__":{"a":12345678901234567891}}',
])('%s is written as it was read', (text) => {
  expect(stringifyJson(parseJson(text))).toBe(text);
});

it('reads integers as bigint only if a number would round them', () => {
  expect(parseJson('[9007199254740993, 9007199254740992, 12345678901234567890, 1e20, 5]')).toEqual([
    9007199254740993n,
    9007199254740992,
    12345678901234567890n,
    1e20,
    5,
  ]);
});

it('reports what is not JSON as JSON.parse does', () => {
  for (const text of ['{', '12345678901234567890x', '{"id": 12345678901234567890,}', '']) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    expect(tryParseJson(text)).toBeUndefined();
  }
});

it('writes values that JSON lacks as null, and throws on a cycle', () => {
  expect(stringifyJson({ a: Number.NaN, b: [Infinity, undefined], c: 1n })).toBe('{"a":null,"b":[null,null],"c":1}');
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(() => stringifyJson(circle)).toThrow(TypeError);
});
