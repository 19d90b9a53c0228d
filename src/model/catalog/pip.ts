/** Installs one package of PyPI into a folder, by the pip of apolab's Python or of the system's. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { dataFolder } from '../../core/packageRoot.js';

const windows = process.platform === 'win32';
const ownPython = path.join(dataFolder, '.venv', windows ? 'Scripts/python.exe' : 'bin/python');

/** What pip says, and what it means for a person. */
const causes: readonly (readonly [when: RegExp, say: string])[] = [
  [/ENOSPC|No space left on device|quota exceeded/i, 'the disk is full. Free 300 MB'],
  [
    /HASHES|hashes are required|do not match the hashes/i,
    'the package has another checksum than the pinned one, so it was not installed. If a mirror is configured (PIP_INDEX_URL), unset it',
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|certificate verify failed/i,
    "PyPI's certificate is not trusted. Point PIP_CERT at your organisation's certificate file",
  ],
  [
    /NewConnectionError|Failed to establish|NameResolution|ProxyError|ConnectTimeout|Read timed out|Connection (refused|reset|broken)|Max retries exceeded|No route to host|unreachable/i,
    'PyPI cannot be reached. Check the network; behind a proxy set HTTPS_PROXY, for a mirror PIP_INDEX_URL',
  ],
  [
    /No matching distribution found|Could not find a version/i,
    'the package index does not have it. For another index set PIP_INDEX_URL',
  ],
  [/No module named pip/i, 'this Python has no pip. Install it (Debian or Ubuntu: sudo apt install python3-pip)'],
];

/**
 * Runs `pip install` without dependencies and with checksums.
 *
 * @param requirements the file with the pinned package
 * @param folder where the package's files go
 * @param title what the package is, for messages
 * @throws ApolabError with one sentence that says what went wrong and how to go on.
 */
export async function installPackage(requirements: string, folder: string, title: string): Promise<void> {
  const python = existsSync(ownPython) ? ownPython : (process.env.PYTHON ?? (windows ? 'python' : 'python3'));
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile', '--no-cache-dir'];
  // Few retries: without a network, the person should not wait minutes for the message.
  const patience = ['--retries=1', '--timeout=15'];
  const exact = ['--no-deps', '--require-hashes', '--only-binary=:all:'];
  const args = ['-m', 'pip', 'install', ...quiet, ...patience, ...exact, '--target', folder, '-r', requirements];
  const { code, output } = await run(python, args);
  if (code === 0) return;
  const [, cause] = causes.find(([when]) => when.test(output)) ?? [];
  const last =
    output
      .trim()
      .split('\n')
      .findLast((line) => /error/i.test(line)) ??
    output.trim().split('\n').at(-1) ??
    '';
  throw new ApolabError(
    `${title} could not be downloaded: ${cause ?? `pip ended with: ${last.slice(0, 300)}`}. Then run it again.`,
  );
}

async function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  return { code, output };
}
