/** Files written whole or not at all: a run that dies leaves the old content or the new one, never half of it. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes `content` beside `file` and renames it into place; missing folders are made. Parts of an iterable are written as
 * they come, so that only one need be in memory.
 *
 * @example
 * await writeAtomic('results/run/grid.json', JSON.stringify(grid));
 */
export async function writeAtomic(
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    const handle = await open(temporary, 'w');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
