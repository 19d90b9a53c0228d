/** A dataset folder as the Hub has them: Parquet shards in `data/`, named by split, number and count. */
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RowSink } from './format.js';
import { parquet } from './parquet.js';

/** Rows of a shard: about half a gigabyte of conversations. */
const rowsOfShard = 250_000;

/** Writes shards beside those that are there; they take the places of the split's old ones when the last is whole. */
export async function writeFolder(folder: string, split: string, rowsAShard = rowsOfShard): Promise<RowSink> {
  const data = path.join(folder, 'data');
  const hidden = (shard: number) => path.join(data, `.${split}-${process.pid}-${shard}.parquet`);
  let shards = 1;
  let rows = 0;
  let sink = await parquet.write(hidden(0), {});
  return {
    async write(row) {
      if (rows === rowsAShard) {
        await sink.close();
        sink = await parquet.write(hidden(shards), {});
        shards += 1;
        rows = 0;
      }
      rows += 1;
      await sink.write(row);
    },
    async close() {
      await sink.close();
      const old = (await readdir(data)).filter((name) => isShardOf(name, split));
      for (const name of old) await rm(path.join(data, name));
      const five = (count: number) => String(count).padStart(5, '0');
      for (let shard = 0; shard < shards; shard += 1) {
        await rename(hidden(shard), path.join(data, `${split}-${five(shard)}-of-${five(shards)}.parquet`));
      }
    },
    async abort() {
      await sink.abort();
      for (let shard = 0; shard < shards; shard += 1) await rm(hidden(shard), { force: true });
    },
  };
}

function isShardOf(name: string, split: string): boolean {
  return name.startsWith(`${split}-`) && /^\d{5}-of-\d{5}\.parquet$/.test(name.slice(split.length + 1));
}
