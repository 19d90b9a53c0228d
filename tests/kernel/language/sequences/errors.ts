/** What stays after a cell that fails, and what errors say. */
import { fails, gives, type Sequence } from './sequence.js';

export const errors: readonly Sequence[] = [
  gives('what was declared before the error stays', ["let reached = 5;\nthrow new Error('fail');", 'reached'], '5', {
    reached: 'let reached: number',
  }),
  gives(
    'a name that was not reached keeps its value',
    ["let kept = 'old';", "throw new Error('fail');\nlet kept = 6;", 'kept.length'],
    '3',
    { kept: 'let kept: string' },
  ),
  gives(
    'a reached name of several',
    ['const [a, b] = [1, 2], c = fail();\nfunction fail(): number { throw new Error(); }', '[a, b]'],
    '[ 1, 2 ]',
  ),
  gives(
    'a function is there although its cell failed',
    ["throw new Error('fail');\nfunction f() { return 4; }", 'f()'],
    '4',
  ),
  gives(
    'a type is there although its cell failed',
    ["type T = number;\nthrow new Error('fail');", 'const t: T = 4; t'],
    '4',
  ),
  gives('an import before the error', ["import { sep } from 'node:path';\nthrow new Error('fail');", 'sep'], "'/'"),
  gives('an assignment before the error', ['let n = 1;', "n = 2;\nthrow new Error('fail');", 'n'], '2'),
  gives('a cell that does not compile changes nothing', ['let n = 1;', 'n = 2; fail.fail', 'n'], '1'),
  gives('after an await', ["let n = 1;\nawait null;\nn = 3;\nthrow new Error('fail');\nlet m = 1;", 'n'], '3'),
  gives(
    'an error that is caught',
    ["let message = ''; try { (undefined as any).x; } catch (error) { message = (error as Error).name; }", 'message'],
    "'TypeError'",
  ),
  gives(
    'the name in a caught error',
    [
      'const no: any = 3;',
      'let message = ""; try { no(); } catch (error) { message = (error as Error).message; } message',
    ],
    "'no is not a function'",
  ),
  gives('finally runs', ['let done = false; try { throw 1; } catch {} finally { done = true; }', 'done'], 'true'),
  fails(
    'a name that was never reached',
    ["throw new Error('fail');\nlet unreached = 1;", 'unreached'],
    "TypeScriptError: Cannot find name 'unreached'. (TS2304",
  ),
  fails('an Error', ["throw new RangeError('no')"], 'RangeError: no'),
  fails('a text', ["throw 'just text'"], 'Thrown: just text'),
  fails('an object', ['throw { code: 3 }'], 'Thrown: { code: 3 }'),
  fails('an AggregateError', ["throw new AggregateError([new Error('one')], 'all')"], 'AggregateError: all'),
  fails('a rejection', ["await Promise.reject(new Error('later'))"], 'Error: later'),
  fails('a failing fetch', ["await fetch('http://127.0.0.1:9')"], 'TypeError: fetch failed'),
  fails(
    'a member of undefined',
    ['const u: any = undefined;', 'u.x'],
    "TypeError: Cannot read properties of undefined (reading 'x')",
  ),
  fails(
    'a variable that is not iterable',
    ['const n: any = 3;', 'for (const each of n) {}'],
    'TypeError: n is not iterable',
  ),
  fails('a variable that is not a class', ['const n: any = 3;', 'new n()'], 'TypeError: n is not a constructor'),
  fails('a member that is not a function', ['const o: any = {};', 'o.run()'], 'TypeError: o.run is not a function'),
];
