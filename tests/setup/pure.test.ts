/** The parts of set-up without installers: versions, messages, stamps, the lock. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { explain } from '../../src/setup/explain.mjs';
import { acquireLock } from '../../src/setup/lock.mjs';
import { nodeVersionProblem } from '../../src/setup/nodeVersion.mjs';
import { noPythonMessage } from '../../src/setup/python.mjs';
import { startStepLine } from '../../src/setup/stepLine.mjs';
import { isStamped, keyOf, removeStamp, writeStamp } from '../../src/setup/stamp.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'apolab-pure-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1', '25.0.0-nightly'])('%s is new enough', (version) => {
    expect(nodeVersionProblem(version)).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.4', '8.0.0'])('%s is refused with the fix', (version) => {
    expect(nodeVersionProblem(version)).toMatch(
      new RegExp(`this is Node ${version.replaceAll('.', '\\.')}, .*Node 20\\.19 or newer\\. Install .*nodejs\\.org`),
    );
  });
});

describe('the messages of an installer', () => {
  const plenty = 50e9;
  it.each([
    ['npm error code ENOSPC', 'The disk is full'],
    ["OSError: [Errno 28] No space left on device: '/x'", 'The disk is full'],
    ['npm error request to http://h/zeromq failed, reason: connect ECONNREFUSED 127.0.0.1:9', 'cannot be reached'],
    ['npm error code ENOTFOUND\nnpm error network request failed', 'cannot be reached'],
    [
      'WARNING: Retrying ... NewConnectionError ... Connection refused\nERROR: Could not find a version that satisfies the requirement x',
      'cannot be reached',
    ],
    ['ProxyError: Tunnel connection failed: 403 Forbidden', 'cannot be reached'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['ERROR: No matching distribution found for jupyterlab==4.6.6', 'does not carry'],
    [
      'The virtual environment was not created successfully because ensurepip is not available.',
      'apt install python3-venv',
    ],
    ['npm error EACCES: permission denied, mkdir node_modules', 'cannot be written'],
    [
      'npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync',
      'disagree',
    ],
    ["src/cli.ts(1,1): error TS2304: Cannot find name 'x'.", 'do not compile'],
    ['g++: fatal error: Killed signal terminated program cc1plus', 'ran out of memory'],
    ['a.cc:14:10: fatal error: cmath: No such file or directory', 'does not find a header'],
    ["a.cc:1:10: fatal error: 'cmath' file not found", 'does not find a header'],
    ["g++: error: unrecognized command-line option '-std=c++17'; did you mean '-std=c++14'?", 'GCC 10 or clang 12'],
    ["clang: error: unknown argument: '-mprefer-vector-width=512'", 'GCC 10 or clang 12'],
    ['/usr/bin/ld: cannot find -lstdc++\ncollect2: error: ld returned 1 exit status', 'The linker failed'],
    ["binding.o: in function `f': undefined reference to `g'", 'The linker failed'],
    ['a.h:740:20: error: no\n  740 | x\n      | ^', 'The C++ compiler failed (a.h:740:20: error: no). Set CXX'],
  ])('%j means: %s', (output, fix) => {
    expect(explain(output, plenty)).toContain(fix);
  });

  it('that are unknown are quoted from the first error on, not from the last line', () => {
    expect(explain('In file a.f90:\nstrange error: first\n  | ^\nerror: second\n    | ^', plenty)).toBe(
      'It ended with: strange error: first',
    );
  });

  it('mean a full disk if no bytes are free, no matter what else they say', () => {
    expect(explain('ECONNRESET', 0)).toContain('The disk is full');
  });

  it('that are unknown are repeated, without npm notices', () => {
    expect(explain('strange thing\nnpm notice New major version of npm', plenty)).toBe('It ended with: strange thing');
  });
});

describe('without a suitable Python', () => {
  const old = {
    command: 'python3',
    executable: '/usr/bin/python3',
    version: [3, 8] as [number, number],
    modules: true,
  };

  it('the message names the command of the platform', () => {
    expect(noPythonMessage([], undefined, 'linux')).toMatch(
      /no Python 3\.10 or newer was found\. .*apt install python3 python3-venv/,
    );
    expect(noPythonMessage([], undefined, 'darwin')).toContain('brew install python3');
    expect(noPythonMessage([], undefined, 'win32')).toContain('winget install');
  });

  it('the message says which old ones were found', () => {
    expect(noPythonMessage([old], undefined, 'linux')).toContain('(python3 is 3.8)');
  });

  it('the message distinguishes a missing module from a missing Python', () => {
    const bare = { ...old, version: [3, 12] as [number, number], modules: false };
    expect(noPythonMessage([old, bare], undefined, 'linux')).toMatch(
      /python3 \(Python 3\.12\) has no venv module\. .*apt install python3-venv/,
    );
  });

  it('the message names PYTHON if that was given', () => {
    expect(noPythonMessage([], '/no/python', 'linux')).toMatch(
      /PYTHON=\/no\/python is not a Python 3\.10.*unset PYTHON/,
    );
  });
});

describe('a stamp', () => {
  it('is valid for its key while everything it lists exists', () => {
    const made = path.join(folder, 'made');
    mkdirSync(path.join(made, 'inner'), { recursive: true });
    expect(isStamped(made, 'key')).toBe(false);
    writeStamp(made, 'key', ['inner']);
    expect(isStamped(made, 'key')).toBe(true);
    expect(isStamped(made, 'other')).toBe(false);
    rmSync(path.join(made, 'inner'), { recursive: true });
    expect(isStamped(made, 'key')).toBe(false);
    mkdirSync(path.join(made, 'inner'));
    removeStamp(made);
    expect(isStamped(made, 'key')).toBe(false);
  });

  it('that was half written counts as missing', () => {
    writeFileSync(path.join(folder, '.apolab-stamp.json'), '{"key":"k');
    expect(isStamped(folder, 'k')).toBe(false);
  });

  it("'s key differs for ['ab', 'c'] and ['a', 'bc']", () => {
    expect(keyOf(['ab', 'c'])).not.toBe(keyOf(['a', 'bc']));
    expect(keyOf(['ab', 'c'])).toBe(keyOf(['ab', 'c']));
  });
});

describe('the line of a step', () => {
  const log = path.join(folder, 'setup.log');

  it('shows a clock and the last line of the installer on a terminal', () => {
    vi.useFakeTimers();
    writeFileSync(log, 'Collecting jupyterlab\nCollecting tornado==6.5\n');
    const written: string[] = [];
    const line = startStepLine('Installing', log, {
      isTTY: true,
      columns: 60,
      write: (text: string) => written.push(text),
    });
    vi.advanceTimersByTime(2000);
    line.end('done');
    vi.advanceTimersByTime(2000);
    vi.useRealTimers();
    expect(written.map((text) => text.replaceAll('\r', '').replaceAll('\x1b[K', ''))).toEqual([
      'Installing ... ',
      'Installing ... 1 s  Collecting tornado==6.5',
      'Installing ... 2 s  Collecting tornado==6.5',
      'Installing ... done, 2 s',
      '\n',
    ]);
  });

  it('is one line in a file', () => {
    const written: string[] = [];
    startStepLine('Installing', log, { isTTY: false, write: (text: string) => written.push(text) }).end('failed');
    expect(written.join('')).toBe('Installing ... failed, 0 s\n');
  });
});

describe('the lock', () => {
  const file = path.join(folder, 'locks', 'lock');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;

  it('of a process that has ended is taken over silently', async () => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify([dead]));
    const waitedFor: number[] = [];
    const lock = await acquireLock(file, (holder) => waitedFor.push(holder));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([process.pid]);
    expect(waitedFor).toEqual([]);
    lock.release();
    expect(existsSync(file)).toBe(false);
  });

  it('waits for the installer of a set-up that was killed', async () => {
    writeFileSync(file, JSON.stringify([dead, process.pid]));
    const lock = await acquireLock(file, (holder) => {
      expect(holder).toBe(process.pid);
      rmSync(file);
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([process.pid]);
    lock.release();
  });

  it('that is half written is taken over', async () => {
    writeFileSync(file, '');
    const lock = await acquireLock(file, () => expect.unreachable('no process holds it'));
    lock.release();
    expect(existsSync(file)).toBe(false);
  });
});
