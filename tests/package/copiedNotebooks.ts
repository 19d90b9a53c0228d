/** What `npx apolab lab` of an installed package does in an empty folder before it starts JupyterLab. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** @param installed the package's folder; `folder` is made */
export function testCopiedNotebooks(installed: string, folder: string): void {
  test('copies the notebooks, and what they link to, into an empty folder, and opens first-steps', async () => {
    mkdirSync(folder);
    const module = pathToFileURL(path.join(installed, 'dist/src/commands/labFolder.js')).href;
    const program = `const { prepareLabFolder } = await import('${module}');
      await prepareLabFolder();
      console.log(JSON.stringify(await prepareLabFolder()));`;
    const args = ['--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    const [said, prepared] = stdout.trim().split('\n');
    expect(said).toBe(`The example notebooks were copied to ${path.join(folder, 'notebooks')}`);
    const page = 'lab/tree/notebooks/first-steps.ipynb';
    expect(JSON.parse(prepared!)).toEqual({ root: folder, start: 'notebooks', page });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
    expect(names.map((name) => name.split(path.sep).join('/')).sort()).toEqual([
      'datasets/workshop/README.md',
      'notebooks/ablation-grid.ipynb',
      'notebooks/first-steps.ipynb',
      'notebooks/preference-data.ipynb',
      'notebooks/tsconfig.json',
    ]);
  });
}
