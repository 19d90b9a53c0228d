/**
 * Every example in a command's help names a command and options that exist, and runs, in a folder with the files that examples name
 * and with a server for the models behind an endpoint.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandId, commands } from '../../src/commands/index.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { useBackend } from '../../src/tensor/index.js';
import { type ServerProcess, startServer } from '../responders/endpoint/serverProcess.js';
import { writeFiles } from './given.js';

/** Commands whose examples are parsed and not run, with the reason. */
const notRun: Partial<Record<CommandId, string>> = {
  lab: 'runs until it is stopped',
  reproduce: 'takes minutes',
  tune: 'takes an hour',
  pretrain: 'takes minutes',
  setup: 'installs everything anew',
  test: 'starts this test',
  backend: 'compiles TensorFlow',
  model: 'downloads 93 MB; tests/commands/model.test.ts runs it',
};
/** A data set of the Hub is on the internet. */
const needsNetwork = /\b[A-Z]\w+\/\w+/;

/** Command lines as a person types them, with the ids of their commands. */
const lines = await Promise.all(
  (Object.keys(commands) as CommandId[]).map(async (id) => {
    let help = '';
    const command = await commands[id]();
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    return [...help.matchAll(/^ *\$ (.*)$/gm)].map(([, line]) => ({ id, line: line! }));
  }),
);
const examples = lines.flat();

/** The arguments behind `npx apolab ID` or `npm run ID --`, as a shell splits them; a comment is left out. */
function argumentsOf({ id, line }: (typeof examples)[number]): string[] {
  const text = new RegExp(`^(?:npx apolab ${id}|npm (?:run )?(?:${id}|start)(?: --)?)(?: |$)(.*)`).exec(line);
  expect(text, `${line} does not run ${id}`).not.toBeNull();
  const words = text![1]!.split(' # ')[0]!.match(/"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}

const home = process.cwd();
let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-commands-'));
  process.chdir(folder);
  await useBackend();
  await writeFiles();
  server = await startServer('steady');
});
afterAll(async () => {
  process.chdir(home);
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

it('every command has an example', () => {
  expect([...new Set(examples.map(({ id }) => id))]).toEqual(Object.keys(commands));
});

it.each(examples)('$line is a command line of $id', async (example) => {
  const command = await commands[example.id]();
  command.exitOverride().action(() => undefined);
  await command.parseAsync(argumentsOf(example), { from: 'user' });
});

const run = promisify(execFile);

it.each(examples.filter(({ id, line }) => notRun[id] === undefined && !needsNetwork.test(line)))(
  '$line runs',
  async (example) => {
    const args = argumentsOf(example).map((word) => word.replace('http://localhost:8000/v1', server.baseUrl));
    const { stdout, stderr } = await run(
      process.execPath,
      [path.join(packageRoot, 'src/setup/launch.mjs'), example.id, ...args],
      {
        env: {
          ...process.env,
          HOME: folder,
          JUPYTER_DATA_DIR: folder,
          OPENAI_API_KEY: 'none',
          OPENAI_BASE_URL: server.baseUrl,
        },
      },
    );
    expect(`${stdout}${stderr}`).not.toBe('');
  },
);
