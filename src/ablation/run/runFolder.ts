/**
 * The folder of a run:
 *
 *   run.json   the settings, when the run began, and when it finished
 *   pairs/     the pairs that the cells are trained on
 *   cells/     one file per finished cell
 *
 * An unfinished run of the same settings is continued. Any other run in the folder is moved aside, under the same name with
 * its date, and never deleted.
 */
import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { hash } from '../../core/hash.js';
import { packageVersion, workFolder } from '../../core/packageRoot.js';
import type { RunSettings } from './runSettings.js';

/** What was found in the run's folder; `moved` names the folder `to` which an earlier run was moved, and `why`. */
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

/**
 * Opens the folder: continues an unfinished run of the same settings, or moves another run aside and begins a new one.
 *
 * @throws ApolabError if `run.json` cannot be read or an earlier run cannot be moved
 */
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

/** Marks the run as finished, so that the next run in this folder moves it aside. */
export async function closeRun(run: RunSettings, finishedAt: string): Promise<void> {
  const found = readRecord(run.out);
  await writeRecord(run.out, {
    key: runKey(run),
    settings: run,
    startedAt: found?.startedAt ?? finishedAt,
    finishedAt,
  });
}

/** Hash of the settings that a result depends on; the folder and the number of parallel cells are not among them. */
function runKey(run: RunSettings): string {
  const files = Object.entries(run.pairs).map(([dataset, file]) => [dataset, hash(readFileSync(file))]);
  return hash(packageVersion, JSON.stringify({ ...run, out: '', parallel: 0, fresh: false, pairs: files }));
}

/** A path for messages: relative to the project's folder (or, for an installed package, to the current one) if it is inside it, otherwise unchanged. */
export function shownPath(file: string): string {
  const inside = path.relative(workFolder, file);
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
    throw new ApolabError(`${file} is not the record of a run (${String(error)}); choose another folder (--out DIR).`, {
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
