/** A proxy that lets through to one host only, so that a test can say that nothing else was asked for. */
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A running proxy. */
export interface RegistryProxy {
  readonly url: string;
  /** Hosts that were asked for and refused. */
  readonly refused: readonly string[];
  close(): void;
}

/** Starts a proxy for HTTPS that connects to `host` and answers 403 for every other one. */
export async function startRegistryProxy(host: string): Promise<RegistryProxy> {
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    refused.push(request.url ?? '');
    response.writeHead(403).end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  server.on('connect', ({ url = '' }, client: Socket) => {
    const [name = '', port = '443'] = url.split(':');
    if (name !== host) {
      refused.push(url);
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(Number(port), name, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    // Either end may go first; then the other one has nobody to talk to.
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    refused,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
