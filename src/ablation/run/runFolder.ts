/**
 * Where a run keeps what it has, so that nothing is trained twice and nothing is lost.
 *
 *   run.json   what the run is, when it began, and when it finished
 *   pairs/     the pairs that were trained on
 *   cells/     one file a finished cell
 *
 * A folder that holds an unfinished run of the same settings is continued. Any other run in it is moved aside, under the
 * same name with its date, and never deleted.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { packageRoot, packageVersion } from '../../core/packageRoot.js';
import type { RunSettings } from './runSettings.js';

/** What was found in the run's folder, and what became of it. */
export type OpenedRun =
  | { readonly kind: 'new'; readonly startedAt: string }
  | { readonly kind: 'continued'; readonly startedAt: string }
  | { readonly kind: 'moved'; readonly startedAt: string; readonly to: string; readonly why: string };

interface RunRecord {
  /** Hash of all that the results depend on. */
  readonly key: string;
  readonly settings: RunSettings;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** Makes the folder ready for the run: continues, moves aside or begins. */
export async function openRun(run: RunSettings): Promise<OpenedRun> {
  const found = readRecord(run.out);
  const key = runKey(run);
  if (found?.key === key && found.finishedAt === null && !run.fresh)
    return { kind: 'continued', startedAt: found.startedAt };
  const to = found && (await moveAside(run.out, found.finishedAt ?? found.startedAt));
  const startedAt = new Date().toISOString();
  await writeRecord(run.out, { key, settings: run, startedAt, finishedAt: null });
  if (found === undefined || to === undefined) return { kind: 'new', startedAt };
  const finished = found.finishedAt === null ? 'an unfinished' : 'a finished';
  const why = `held ${finished} run${found.key === key ? '' : ' of other settings'}`;
  return { kind: 'moved', startedAt, to, why };
}

/** Marks the run as finished: the next run in this folder moves it aside. */
export async function closeRun(run: RunSettings, finishedAt: string): Promise<void> {
  const found = readRecord(run.out);
  await writeRecord(run.out, {
    key: runKey(run),
    settings: run,
    startedAt: found?.startedAt ?? finishedAt,
    finishedAt,
  });
}

/** Hash of the settings that a result depends on: not of the folder, nor of how many cells are trained at a time. */
function runKey(run: RunSettings): string {
  const files = Object.entries(run.pairs).map(([dataset, file]) => [dataset, hash(readFileSync(file))]);
  return hash(packageVersion, JSON.stringify({ ...run, out: '', parallel: 0, fresh: false, pairs: files }));
}

export function hash(...contents: readonly (string | Uint8Array)[]): string {
  const digest = createHash('sha256');
  for (const content of contents) digest.update(content).update('\0');
  return digest.digest('hex');
}

/** A path as a person is shown it: short inside the project, whole elsewhere. The kernel's own folder is nobody's concern. */
export function shownPath(file: string): string {
  const inside = path.relative(packageRoot, file);
  return inside === '' || inside.startsWith('..') || path.isAbsolute(inside) ? file : inside;
}

async function moveAside(folder: string, time: string): Promise<string> {
  const stamped = `${folder}-${time.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-')}`;
  let to = stamped;
  for (let count = 2; existsSync(to); count++) to = `${stamped}-${count}`;
  try {
    await rename(folder, to);
  } catch (error) {
    throw new ApolabError(
      `${folder} holds an earlier run that could not be moved aside to ${to}; choose another folder (--out DIR), or move it yourself.`,
      { cause: error },
    );
  }
  return to;
}

function readRecord(folder: string): RunRecord | undefined {
  const file = recordFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
  } catch (error) {
    throw new ApolabError(`${file} is no record of a run (${String(error)}); choose another folder (--out DIR).`, {
      cause: error,
    });
  }
}

async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeAtomic(recordFile(folder), `${JSON.stringify(record, null, 2)}\n`);
}

function recordFile(folder: string): string {
  return path.join(folder, 'run.json');
}
