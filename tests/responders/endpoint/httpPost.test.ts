/** What a compressed answer may do: it is read, and a small one that unpacks to gigabytes does not fill the memory. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpPost } from '../../../src/responders/endpoint/httpPost.js';

const packers = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;
const encodings = Object.keys(packers) as (keyof typeof packers)[];
const megabyte = 2 ** 20;

let server: http.Server;
let url: URL;
const post = createHttpPost(1, 30_000);

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const [, encoding, megabytes] = request.url!.split('/') as [string, keyof typeof packers, string];
    response.setHeader('content-encoding', encoding);
    response.end(packers[encoding](Buffer.alloc(Number(megabytes) * megabyte, 'a')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterAll(() => {
  post.close();
  server.close();
});

const answerOf = (path: string) => post(new URL(path, url), {}, '{}', new AbortController().signal);

describe.each(encodings)('an answer compressed with %s', (encoding) => {
  it('is unpacked', async () => {
    const { body, broken } = await answerOf(`/${encoding}/1`);
    expect({ length: body.length, broken }).toEqual({ length: megabyte, broken: undefined });
  });

  it('is refused if it unpacks to more than 64 MB', async () => {
    const { body, broken } = await answerOf(`/${encoding}/80`);
    expect(body).toBe('');
    expect(broken?.message).toContain('the compressed answer is damaged or too long');
  });
});
