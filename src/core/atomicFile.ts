/** A file that is written piece by piece, beside the one it will be, and renamed into place when it is whole. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export interface AtomicFile {
  write(bytes: string | Uint8Array): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves what was in its place, and nothing beside it. */
  abort(): Promise<void>;
}

let opened = 0;

/** Opens a file to be written beside `file`; missing folders are made. */
export async function openAtomic(file: string): Promise<AtomicFile> {
  // Several writers of one process may have the same target.
  const temporary = `${file}.${process.pid}-${(opened += 1)}.part`;
  await mkdir(path.dirname(file), { recursive: true });
  await removeAbandoned(file);
  const handle = await open(temporary, 'w');
  const abort = async () => {
    await handle.close();
    await rm(temporary, { force: true });
  };
  return {
    async write(bytes) {
      await handle.writeFile(bytes);
    },
    async close() {
      try {
        await handle.sync();
        await handle.close();
        await rename(temporary, file);
      } catch (error) {
        await abort();
        throw error;
      }
    },
    abort,
  };
}

/** What a process that was killed has left of this file; a million pairs would be left each time. */
async function removeAbandoned(file: string): Promise<void> {
  const { dir, base } = path.parse(file);
  for (const name of await readdir(dir === '' ? '.' : dir)) {
    const [, owner = ''] = /^\.(\d+)-\d+\.part$/.exec(name.startsWith(base) ? name.slice(base.length) : '') ?? [];
    if (owner !== '' && !isRunning(Number(owner))) await rm(path.join(dir, name), { force: true });
  }
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // Somebody else's process may not be asked, and runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
