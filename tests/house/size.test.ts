/** Files have at most 250 lines; the longer ones are named in ARCHITECTURE.md, with the reason. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8');

it('ARCHITECTURE.md names the files of more than 250 lines, and no other', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: packageRoot, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(ts|mjs|js|py|cc)$/.test(file));
  const long = files.filter((file) => read(file).trimEnd().split('\n').length > 250);
  const named = read('ARCHITECTURE.md').split('<!-- long-files -->')[1]!.split('<!-- /long-files -->')[0]!;
  expect([...named.matchAll(/`([^`]+\.[a-z]+)`/g)].map(([, file]) => file).sort()).toEqual(long.sort());
});
