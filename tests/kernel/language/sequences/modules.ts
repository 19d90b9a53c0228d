/** Imports, local files and packages; the files are those of `files` in sequences.test.ts. */
import { fails, gives, type Sequence } from './sequence.js';

export const modules: readonly Sequence[] = [
  gives('a default import of Node', ["import fs from 'node:fs';", 'typeof fs.readFileSync'], "'function'"),
  gives('a named import', ["import { sep, join as glue } from 'node:path';", "glue('a', 'b') + sep"], "'a/b/'", {
    glue: '(method) path.PlatformPath.join(...paths: string[]): string',
  }),
  gives('a namespace import', ["import * as path from 'node:path';", "path.basename('/a/b')"], "'b'"),
  gives(
    'a default and named imports',
    ["import os, { EOL } from 'node:os';", '[typeof os.cpus, EOL.length]'],
    "[ 'function', 1 ]",
  ),
  gives('an import for its effect', ["import './effect.ts';", '(globalThis as { effect?: number }).effect'], '1'),
  gives(
    'an import of a type',
    ["import type { Stats } from 'node:fs';", 'const s: Partial<Stats> = { size: 3 }; s.size'],
    '3',
  ),
  gives(
    'a type among imports',
    ["import { type Shape, area } from './shapes.ts';", 'const s: Shape = { side: 3 }; area(s)'],
    '9',
  ),
  gives(
    'an interface among imports without `type`',
    ["import { Shape, area } from './shapes.ts';", 'const s: Shape = { side: 2 }; area(s)'],
    '4',
  ),
  gives('import equals', ["import path = require('node:path');", 'path.sep'], "'/'"),
  gives('require', ["const { sep } = require('node:path') as typeof import('node:path');", 'sep'], "'/'"),
  gives('import()', ["const path = await import('node:path');", "path.basename('/a/b')"], "'b'"),
  gives('import() of a file', ["(await import('./shapes.ts')).area({ side: 1 })"], '1'),
  gives(
    'import.meta',
    ['[import.meta.dirname === __dirname, import.meta.url.startsWith("file:"), typeof import.meta.filename]'],
    "[ true, true, 'string' ]",
  ),
  gives('__filename and __dirname', ['[typeof __filename, typeof __dirname]'], "[ 'string', 'string' ]"),
  gives(
    'createRequire',
    [
      "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url);",
      "load('./five.json').five",
    ],
    '5',
  ),
  gives('JSON', ["import five from './five.json';", 'five.five'], '5'),
  gives('JSON with attributes', ["import five from './five.json' with { type: 'json' };", 'five.five'], '5'),
  gives('a file without its ending', ["import { area } from './shapes';", 'area({ side: 5 })'], '25'),
  gives('a file with the ending of JavaScript', ["import { area } from './shapes.js';", 'area({ side: 5 })'], '25'),
  gives('a file that awaits at its top', ["import { late } from './late.ts';", 'late'], '7'),
  gives('a file that imports one that awaits', ["import { later } from './later.ts';", 'later'], '8'),
  gives('a file with JSX', ["import { element } from './view.tsx';", 'element'], "{ tag: 'div', text: 'hello' }"),
  gives('plain JavaScript', ["import { twice } from './twice.js';", 'twice(4)'], '8'),
  gives(
    'a package that is only an ES module',
    ["import hello, { count, add } from 'only-import';", "add(); [hello('you'), count]"],
    "[ 'hello you', 1 ]",
  ),
  gives(
    'an import is live',
    [
      "import { count as counted, add as addOne } from 'only-import'; const before = counted;",
      'addOne(); counted - before',
    ],
    '1',
  ),
  gives(
    'a package of CommonJS',
    ["import common from 'common'; import { named } from 'common';", '[common.named, named]'],
    '[ 3, 3 ]',
  ),
  gives(
    'a class that a package does not export',
    ["import { open } from 'handles'; const handle = open();", 'handle.read()', 'handle.read() + handle.closed'],
    "'contentfalse'",
  ),
  gives(
    'types of a package by their path',
    ["import { open } from 'handles'; let handle = open();", 'handle = open(); handle.read()'],
    "'content'",
  ),
  gives('import below code', ["const before = 1;\nimport { sep } from 'node:path';\nbefore + sep"], "'1/'"),
  gives('a module is used before its import', ["const s = sep;\nimport { sep } from 'node:path';\ns"], "'/'"),
  gives('an import in a closure', ["import { sep } from 'node:path'; const get = () => sep;", 'get()'], "'/'"),
  gives(
    'tslab',
    ["import * as tslab from 'tslab';", '[typeof tslab.display.html, typeof tslab.newDisplay]'],
    "[ 'function', 'function' ]",
  ),
  fails(
    'a missing package',
    ["import x from 'no-such-package';"],
    "TypeScriptError: Cannot find module 'no-such-package' or its corresponding type declarations. (TS2307",
  ),
  fails(
    'a missing member',
    ["import { nothing } from 'node:path';"],
    "TypeScriptError: Module '\"node:path\"' has no exported member 'nothing'",
  ),
  fails(
    'an assigned import',
    ["import { sep } from 'node:path';", "sep = 'x'"],
    "TypeScriptError: Cannot assign to 'sep' because it is a constant. (TS2632",
  ),
  fails('an error in a file', ["import { broken } from './broken.ts';\nbroken();"], 'Error: in file'),
  fails(
    'a wrong type in a file',
    ["import { wrong } from './wrong.ts';"],
    "TypeScriptError: Type 'string' is not assignable to type 'number'. (TS2322",
  ),
];
