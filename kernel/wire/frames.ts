/**
 * Messages as ZeroMQ frames: `[identities..., <IDS|MSG>, signature, header, parent_header, metadata, content, buffers...]`.
 *
 * The signature is an HMAC over the four JSON frames as they arrived. It is checked over those raw bytes, in constant time,
 * before anything is parsed: unsigned bytes never reach a JSON parser or a handler.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { protocolVersion, type Header, type Message, type Outgoing } from '../messages/messages.js';

const delimiter = Buffer.from('<IDS|MSG>');
const partCount = 4;
/** Signatures kept to refuse replays, as many as jupyter_client's Session keeps. */
const rememberedSignatures = 65_536;
/** Levels of nesting. Messages of clients stay far below; a comm's state has about ten. */
const deepest = 500;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Frames that are dropped: not signed with the connection's key, or not a message. */
export class FrameError extends Error {
  override name = 'FrameError';
}

/** Turns frames into messages and messages into frames, for one connection. */
export interface Codec {
  /** Checks and parses frames; throws a FrameError that says what was wrong. */
  decode(frames: readonly Uint8Array[]): Message;
  /** Frames of a new, signed message, with a new id unless one is given. */
  encode(message: Outgoing, id?: string): Uint8Array[];
}

/**
 * A codec for one connection's key and signature scheme; an empty key turns signatures off, as the protocol says. Throws if the
 * scheme names an unknown hash.
 *
 * @example
 * const codec = createCodec('secret', 'hmac-sha256');
 * const frames = codec.encode({ type: 'status', parent: {}, identities: [], metadata: '{}', content: '{}', buffers: [] });
 * codec.decode(frames).content; // {}
 */
export function createCodec(key: string, scheme: string, session: string = randomUUID()): Codec {
  const hash = scheme.replace(/^hmac-/, '');
  const seen = new Set<string>();
  if (key !== '') createHmac(hash, key); // throws now, and not at every message, if the hash is unknown

  const sign = (parts: readonly Uint8Array[]): string => {
    if (key === '') return '';
    const hmac = createHmac(hash, key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  };

  const verify = (signature: Uint8Array, parts: readonly Uint8Array[]) => {
    if (key === '') return;
    const expected = Buffer.from(sign(parts));
    // The hex digest's length is public; timingSafeEqual throws for unequal lengths.
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new FrameError('the signature does not match');
    }
    const text = expected.toString();
    if (seen.has(text)) throw new FrameError('the signature was used before (a replay)');
    seen.add(text);
    if (seen.size > rememberedSignatures) seen.delete(seen.values().next().value ?? '');
  };

  return {
    decode(frames) {
      const start = frames.findIndex((frame) => delimiter.equals(frame));
      if (start < 0) throw new FrameError('no <IDS|MSG> delimiter');
      const signature = frames[start + 1];
      const parts = frames.slice(start + 2, start + 2 + partCount);
      if (signature === undefined || parts.length < partCount) {
        throw new FrameError(`${frames.length - start - 1} frames after the delimiter, at least 5 expected`);
      }
      verify(signature, parts);
      const [header, parentHeader, metadata, content] = parts.map(parseObject);
      return {
        identities: frames.slice(0, start),
        header: checkHeader(header!),
        parentHeader: parentHeader!,
        metadata: metadata!,
        content: content!,
        buffers: frames.slice(start + 2 + partCount),
      };
    },

    encode(message, id = randomUUID()) {
      const header: Header = {
        msg_id: id,
        msg_type: message.type,
        session,
        username: 'kernel',
        date: new Date().toISOString(),
        version: protocolVersion,
      };
      const parts = [JSON.stringify(header), JSON.stringify(message.parent), message.metadata, message.content].map(
        (part) => Buffer.from(part),
      );
      return [...message.identities, delimiter, Buffer.from(sign(parts)), ...parts, ...message.buffers];
    },
  };
}

function parseObject(part: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(strictUtf8.decode(part));
  } catch (error) {
    throw new FrameError('a part is not JSON in UTF-8', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameError('a part is not a JSON object');
  }
  if (isDeeperThan(value, deepest)) throw new FrameError(`a part is nested deeper than ${deepest} levels`);
  return value as Record<string, unknown>;
}

/** A loop, not a recursion. Messages between threads are copied by recursion, which overflows on very deep values. */
function isDeeperThan(root: object, levels: number): boolean {
  let layer: unknown[] = [root];
  for (let level = 0; layer.length > 0; level++) {
    if (level > levels) return true;
    layer = layer.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}

/** The header as replies echo it: nested values are removed, and every field that clients read is there. */
function checkHeader(header: Record<string, unknown>): Header {
  for (const field of ['msg_id', 'msg_type', 'session'] as const) {
    if (typeof header[field] !== 'string') throw new FrameError(`the header has no ${field}`);
  }
  const flat = Object.entries(header).filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries(flat) as unknown as Header;
}
