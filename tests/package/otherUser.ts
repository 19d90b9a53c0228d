/** The installed package in the hands of a user who cannot write into it. */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What the package's test has installed. */
interface Installation {
  /** The folder that has `empty`, into which the package was installed. */
  readonly temporary: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** Every file of the package with its time of change, now and after the installation. */
  readonly files: () => string[];
  readonly before: () => readonly string[];
}

/** The tests of an installation by root that another user runs; one installation serves all tests of the package. */
export function describeOtherUser({ temporary, env, version, files, before }: Installation): void {
  const place = (...names: string[]) => path.join(temporary, ...names);
  const installed = place('empty/node_modules/apolab');
  describe('as another user, who cannot write into node_modules', () => {
    // `npm install -g` by root, run by somebody else. As root, the commands run as nobody; otherwise, the folders lose their write permission.
    const isRoot = process.getuid?.() === 0;
    const nobody = 65534;
    const home = place('another home');
    const own = {
      ...env,
      HOME: home,
      XDG_DATA_HOME: path.join(home, 'data'),
      JUPYTER_DATA_DIR: path.join(home, 'jupyter'),
    };
    const folders = () => [place('empty'), ...foldersOf(place('empty'))];

    const asAnother = (...args: string[]) => {
      const words = [realpathSync(place('empty/node_modules/.bin/apolab')), ...args];
      const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', process.execPath, ...words];
      return promisify(execFile)(isRoot ? 'setpriv' : process.execPath, isRoot ? user : words, {
        cwd: home,
        env: own,
        maxBuffer: 2 ** 26,
      });
    };

    beforeAll(() => {
      mkdirSync(home);
      if (isRoot) {
        chmodSync(temporary, 0o755);
        chownSync(home, nobody, nobody);
      } else {
        folders().forEach((folder) => chmodSync(folder, 0o555));
      }
    });
    afterAll(() => {
      if (!isRoot) folders().forEach((folder) => chmodSync(folder, 0o755));
    });

    test('really cannot write there', async () => {
      const write = `require('node:fs').writeFileSync(${JSON.stringify(path.join(installed, 'written'))}, '')`;
      const node = [process.execPath, '-e', write] as const;
      const asNobody = [`--reuid=${nobody}`, '--clear-groups', ...node];
      const [program, ...args] = isRoot ? (['setpriv', ...asNobody] as const) : node;
      await expect(promisify(execFile)(program, args, { cwd: home })).rejects.toThrow('EACCES');
    });

    test('doctor finds nothing wrong, and the kernel is installed in the own Jupyter', async () => {
      const findings = JSON.parse((await asAnother('doctor', '--json')).stdout) as Record<string, { ok: boolean }>;
      expect(findings.apolab).toMatchObject({ ok: true });
      expect((await asAnother('install', '--user')).stdout).toBe(
        `Installed in ${path.join(home, 'jupyter/kernels/apolab')}\n`,
      );
    });

    test('trains a model of the package, and saves it in the own folder', async () => {
      const model = path.join(installed, 'datasets/miniature-world/policy-0');
      const pairs = path.join(home, 'village.jsonl');
      const rows = JSON.parse(await village(model)) as object[];
      writeFileSync(pairs, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const options = ['--objective', 'dpo', '--backend', 'wasm', '--batch-size', '4', '--epochs', '1'];
      const { stdout } = await asAnother('train', '--model', model, '--pairs', pairs, ...options, '--out', 'trained');
      expect(stdout).toMatch(/^2 steps: loss 0\.6931 to /);
      expect(existsSync(path.join(home, 'trained/model.safetensors'))).toBe(true);
    });

    test("what set-up makes belongs into the user's own folder", async () => {
      const script = `import { dataFolder } from ${JSON.stringify(path.join(installed, 'src/setup/paths.mjs'))}; console.log(dataFolder);`;
      const args = ['--input-type=module', '-e', script];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home, env: own });
      expect(stdout.trim()).toBe(path.join(home, 'data/apolab', version));
      expect(files()).toEqual(before());
    });

    /** Eight CLAIR pairs of the village, by the library; the test's own user runs it. */
    async function village(model: string): Promise<string> {
      const program = `import { models, preference, world } from ${JSON.stringify(path.join(installed, 'dist/src/index.js'))};
      const policy = await models.fromPretrained(${JSON.stringify(model)});
      const pairs = await preference.collect(world.buildPairs(world.createWorld(0), 'clair', policy, { count: 8, seed: 0 }));
      console.log(JSON.stringify(pairs.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }))));`;
      const args = ['--input-type=module', '-e', program];
      return (await promisify(execFile)(process.execPath, args, { cwd: home, env: own, maxBuffer: 2 ** 26 })).stdout;
    }
  });
}

/** All folders below a folder, without links. */
function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    return entry.isDirectory() ? [place, ...foldersOf(place)] : [];
  });
}
