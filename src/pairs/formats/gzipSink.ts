/** Writes a text format compressed with gzip. */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import { newPartFile, writeAtomic } from '../../core/atomicFile.js';
import type { Format, RowSink, WriteOptions } from './format.js';

/**
 * Writes the rows to a plain file beside `file`, and compresses it when it is complete: a format may rewrite its file if a later
 * row adds a column.
 */
export async function gzipSink(file: string, format: Format, options: WriteOptions): Promise<RowSink> {
  const plain = await newPartFile(file);
  // The plain file's name does not show that tabs were asked for.
  const sink = await format.write(plain, /\.tsv\.gz$/i.test(file) ? { delimiter: '\t', ...options } : options);
  return {
    write: (row) => sink.write(row),
    async close() {
      await sink.close();
      try {
        const source = createReadStream(plain);
        const packed = createGzip();
        // `pipe` does not pass errors on.
        source.on('error', (error) => packed.destroy(error));
        await writeAtomic(file, source.pipe(packed) as AsyncIterable<Uint8Array>);
      } finally {
        await rm(plain, { force: true });
      }
    },
    async abort() {
      await sink.abort();
      await rm(plain, { force: true });
    },
  };
}
