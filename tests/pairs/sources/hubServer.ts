/** A server with the Hub's API for one dataset, and with network faults. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServer {
  readonly url: string;
  /** Method, path and range of each request for a file's content. */
  readonly requests: string[];
  /** Received values of the `authorization` header. */
  readonly tokens: Set<string>;
  /** How many bytes of a data file are sent before the connection breaks; one number per attempt. */
  readonly breaks: number[];
  /** Answers every request with this status, if it is set. */
  status?: number;
  close(): Promise<void>;
}

export const commit = 'a'.repeat(40);

/** Serves the files of `owner/name`; those of `large` are listed with their SHA-256, as Git LFS files are. */
export async function startHub(files: Readonly<Record<string, Buffer>>, large: readonly string[]): Promise<HubServer> {
  const server = createServer((request, response) => answer(request, response));
  const hub: Omit<HubServer, 'url' | 'close'> & { status?: number } = { requests: [], tokens: new Set(), breaks: [] };

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://hub');
    if (request.headers.authorization !== undefined) hub.tokens.add(request.headers.authorization);
    const json = (value: unknown, status = 200, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(value));
    };
    if (hub.status !== undefined) {
      json({ error: 'Repository not found, and a secret detail' }, hub.status);
      return;
    }
    if (/^\/api\/datasets\/owner\/name\/revision\/(main|[0-9a-f]{40})$/.test(pathname)) {
      json({ _id: '1', id: 'owner/name', sha: commit, lastModified: '2024-02-29T12:00:00.000Z', private: false });
      return;
    }
    if (pathname === `/api/datasets/owner/name/tree/${commit}`) {
      const page = Number(searchParams.get('page') ?? 0);
      // Two entries per page; the Hub has a thousand.
      const entries = [{ type: 'directory', path: 'data', size: 0, oid: '0' }, ...Object.keys(files).map(entryOf)];
      const next = `http://${request.headers.host!}${pathname}?recursive=true&page=${page + 1}`;
      const more = entries.length > 2 * page + 2;
      json(entries.slice(2 * page, 2 * page + 2), 200, more ? { link: `<${next}>; rel="next"` } : {});
      return;
    }
    const name = decodeURIComponent(pathname.replace(`/datasets/owner/name/resolve/${commit}/`, ''));
    const content = files[name];
    if (content === undefined) json({ error: 'Not found' }, 404);
    else sendFile(request, response, name, content);
  };

  const entryOf = (path: string) => {
    const content = files[path]!;
    const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const lfs = { oid: sha256, size: content.length, pointerSize: 130 };
    return { type: 'file', path, size: content.length, oid: git, ...(large.includes(path) ? { lfs } : {}) };
  };

  const sendFile = (request: IncomingMessage, response: ServerResponse, name: string, content: Buffer) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Number(range[2]) : content.length - 1;
    const isProbe = range !== null && end === 0 && start === 0;
    if (!isProbe) hub.requests.push(`${name} ${start}-${end}`);
    const part = content.subarray(start, end + 1);
    response.writeHead(range === null ? 200 : 206, {
      'content-length': part.length,
      'content-type': 'application/octet-stream',
      etag: '"e"',
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${content.length}` }),
    });
    const cut = isProbe || name === 'README.md' ? undefined : hub.breaks.shift();
    if (cut === undefined) response.end(part);
    else response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(hub, {
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
