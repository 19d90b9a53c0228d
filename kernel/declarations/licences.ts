/** The licences of packages whose code is rolled. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface About {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name?: string };
}

/** The text of a licence, for packages that name it and do not carry it. */
const texts: Readonly<Record<string, (holder: string) => string>> = {
  MIT: (holder) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
  // The text itself is in apolab's own LICENSE file.
  'Apache-2.0': (holder) =>
    `Copyright ${holder}. Licensed under the Apache License, Version 2.0: the file LICENSE of this package has its text.`,
};

/**
 * The names, versions, licences and licence texts of packages, by their folders.
 *
 * @throws Error if a package has no licence file and its licence is not one of those known here
 */
export function licencesOf(folders: Iterable<string>): string {
  return `${[...folders]
    .sort()
    .map(licenceOf)
    .join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function licenceOf(folder: string): string {
  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as About;
  const licence = typeof about.license === 'string' ? about.license : 'see below';
  const author =
    (typeof about.author === 'string' ? about.author : about.author?.name) ?? `the authors of ${about.name}`;
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  const own = files.map((name) => readFileSync(path.join(folder, name), 'utf8').trim());
  const text = own.length > 0 ? own : [texts[licence]?.(author)];
  if (text[0] === undefined) throw new Error(`${folder} has no licence file, and the text of ${licence} is not known.`);
  return [`${about.name} ${about.version}`, `Licence: ${licence}`, `Author: ${author}`, '', text.join('\n\n')].join(
    '\n',
  );
}
