/** A file that is written piece by piece, beside the one it will be, and renamed into place when it is whole. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
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
