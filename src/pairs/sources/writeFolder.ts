/** Writes dataset folders in the Hub's layout: Parquet in `data/`, named by split. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RowSink } from '../formats/format.js';
import { parquet } from '../formats/parquet.js';

/**
 * Opens one split of a folder for writing; other splits stay. It is one file: `datasets` needs the same columns in all files
 * of a split, and the last row may still add one. The split's old files are removed when the new one is complete.
 */
export async function writeFolder(folder: string, split: string): Promise<RowSink> {
  const data = path.join(folder, 'data');
  const name = `${split}-00000-of-00001.parquet`;
  const sink = await parquet.write(path.join(data, name), {});
  return {
    ...sink,
    async close() {
      await sink.close();
      const old = (await readdir(data)).filter((other) => other !== name && isShardOf(other, split));
      for (const other of old) await rm(path.join(data, other));
    },
  };
}

function isShardOf(name: string, split: string): boolean {
  return name.startsWith(`${split}-`) && /^\d{5}-of-\d{5}\.parquet$/.test(name.slice(split.length + 1));
}
