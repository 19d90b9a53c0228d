/**
 * Files that are written whole or not at all: the content goes into a part file beside the target, which is renamed when it is
 * complete. A run that dies leaves the old content or the new one, never half of it.
 */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** A file that is being written; its target changes only when it is closed. */
export interface AtomicFile {
  /** Appends to the part file. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Flushes the part file to the disk and renames it to the target. If that fails, the target keeps its old content. */
  close(): Promise<void>;
  /** Deletes the part file; the target keeps its old content. */
  abort(): Promise<void>;
}

/**
 * Opens a file that replaces `file` when it is closed. Missing folders are created.
 *
 * @throws the file system's error if the folder or the part file cannot be created.
 */
export async function openAtomic(file: string): Promise<AtomicFile> {
  const part = await newPartFile(file);
  const handle = await open(part, 'w');
  const abort = async () => {
    await handle.close();
    await rm(part, { force: true });
  };
  return {
    async write(bytes) {
      await handle.writeFile(bytes);
    },
    async close() {
      try {
        await handle.sync();
        await handle.close();
        await rename(part, file);
      } catch (error) {
        await abort();
        throw error;
      }
    },
    abort,
  };
}

/**
 * Writes `content` to `file`, whole or not at all. Missing folders are created. An iterable is written piece by piece, so that
 * only one piece is in memory.
 *
 * @throws the error of the file system or of the iterable; `file` then keeps its old content.
 * @example
 * await writeAtomic('results/run/grid.json', JSON.stringify(grid));
 */
export async function writeAtomic(
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const target = await openAtomic(file);
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await target.write(content);
    else for await (const bytes of content) await target.write(bytes);
  } catch (error) {
    await target.abort();
    throw error;
  }
  await target.close();
}

/**
 * Writes a new folder, whole or not at all.
 *
 * @param write fills the folder that it is given
 * @throws the error of `write` or of the file system; there is then no folder
 */
export async function writeAtomicFolder(folder: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = await newPartFile(folder);
  try {
    await write(part);
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

let parts = 0;

/**
 * The path of a new part beside `file`, a file or a folder, which no other writer of this or another process uses. Creates missing
 * folders and deletes the parts that killed processes left: with a million pairs, each of them fills much of a disk.
 */
export async function newPartFile(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await removeAbandonedParts(file);
  return `${file}.${process.pid}-${(parts += 1)}.part`;
}

async function removeAbandonedParts(file: string): Promise<void> {
  const { dir, base } = path.parse(file);
  for (const name of await readdir(dir === '' ? '.' : dir)) {
    const [, owner = ''] = /^\.(\d+)-\d+\.part$/.exec(name.startsWith(base) ? name.slice(base.length) : '') ?? [];
    if (owner !== '' && !isRunning(Number(owner))) await rm(path.join(dir, name), { recursive: true, force: true });
  }
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // EPERM means that the process runs but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
