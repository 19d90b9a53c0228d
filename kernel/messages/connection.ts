/** The connection file: the addresses of the kernel's five sockets, and the key that signs every message. */
import { readFileSync } from 'node:fs';

/** The fields of a connection file; names are the protocol's. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  /** Empty if the client asks for unsigned messages. */
  readonly key: string;
  /** `hmac-` and the name of a hash, in practice always `hmac-sha256`. */
  readonly signature_scheme: string;
}

const ports = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;
type Port = (typeof ports)[number];

/** Reads and checks a connection file; throws an Error that names the file and the field if a port is missing. */
export function readConnection(file: string): Connection {
  const fields = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  for (const port of ports) {
    if (!Number.isInteger(fields[port])) throw new Error(`${file}: '${port}' is not a port number`);
  }
  const text = (name: string, otherwise: string) => (typeof fields[name] === 'string' ? fields[name] : otherwise);
  return {
    ...(Object.fromEntries(ports.map((port) => [port, fields[port]])) as Record<Port, number>),
    transport: text('transport', 'tcp'),
    ip: text('ip', '127.0.0.1'),
    key: text('key', ''),
    signature_scheme: text('signature_scheme', 'hmac-sha256'),
  };
}

/** The ZeroMQ address of one of the five sockets: `tcp://127.0.0.1:5000`, or `ipc:///path-1` for local sockets. */
export function address(connection: Connection, port: Port): string {
  const separator = connection.transport === 'ipc' ? '-' : ':';
  return `${connection.transport}://${connection.ip}${separator}${connection[port]}`;
}
