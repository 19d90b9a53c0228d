/** Writes the rolled declarations and the rolled code. `npm run build` runs this after the compiler. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { foreignPackages, ownDeclarations, packageFolder, rolledFile } from './packages.js';
import { roll, type RolledPackage } from './roll.js';
import { writeCode } from './rollCode.js';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node'],
  skipLibCheck: true,
};
const stays = (file: string) => /\/node_modules\/(?:typescript|@types\/node|undici-types)\//.test(file);
const pathName = (file: string) =>
  file
    .replace(`${packageFolder}/dist/`, 'apolab/')
    .replace(/^.*\/node_modules\/(?:@types\/)?/, '')
    .replace(/\.d\.[cm]?ts$/, '');

function declarationsOf(name: string): string {
  const found = ts.resolveModuleName(name, `${packageFolder}/dist/index.d.ts`, options, ts.sys).resolvedModule;
  if (found === undefined) throw new Error(`'${name}' has no declarations: is it installed? npm run setup`);
  return found.resolvedFileName;
}

const packages: RolledPackage[] = [
  ...Object.entries(foreignPackages).map(([name, how]) => ({
    name,
    roots: { [name]: declarationsOf(name) },
    ...how,
  })),
  { name: 'apolab', roots: ownDeclarations, covariant: [], flattens: false },
];
const rootNames = packages.flatMap(({ roots }) => Object.values(roots));
const program = ts.createProgram({ rootNames, options });
for (const [name, text] of roll({ program, packages, stays, pathName })) {
  const file = rolledFile(name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
await writeCode();
