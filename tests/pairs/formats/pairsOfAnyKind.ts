/** Random pairs whose texts and columns hold everything that is difficult for a file format. */
import type { PreferencePair, Message } from '../../../src/preference.js';
import { createRandom, type Random } from '../../../src/core/random.js';

/** Parts of texts: scripts, combining marks, all kinds of line breaks, quotes, and text that looks like another format. */
const pieces = [
  'a word', ' ', '  ', '\n', '\r\n', '\r', '\t', ',', ';', '|', '"', '""', "'", '\\', '\\n', '\uFEFF', '\u2028', '\u2029', '\u0085',
  '\u0001', '\u001f', '\u007f', '😀', '👩‍👩‍👧', '🇪🇺', 'é', 'e\u0301', 'नमस्ते', 'مرحبا', 'שלום', '\u202Eabc\u202C', '東京', '\u{10FFFF}', '\uFFFD',
  '{', '}', '[', ']', '[{"role": "user", "content": "x"}]', '{"a": 1}', 'null', 'true', '0', '007', '1.0', '1e5', '-0', 'NaN',
  '12345678901234567890', '=1+1', '@', '#', '---', '<b>', '&amp;', '$x$',
]; // prettier-ignore

/** A text that is not blank: a prompt or a response. */
function text(random: Random): string {
  for (;;) {
    const drawn = Array.from({ length: 1 + random.integer(6) }, () => random.pick(pieces)).join('');
    if (drawn.trim() !== '') return drawn;
  }
}

/** Any text, also an empty one. */
const anyText = (random: Random) => (random.chance(0.2) ? random.pick(['', ' ', '\n', '\ud83d']) : text(random));

function anyValue(random: Random, depth = 0): unknown {
  const makers: ((random: Random) => unknown)[] = [
    anyText,
    () => random.integer(1000) - 500,
    () => random.normal() * 10 ** (random.integer(40) - 20),
    () => random.chance(0.5),
    () => random.pick([2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n) + 1n, 2n ** 64n + 1n, 12345678901234567891n]),
    () => 2 ** 53 - 1,
  ];
  if (depth < 3) {
    makers.push(
      () => Array.from({ length: random.integer(4) }, () => anyValue(random, depth + 1)),
      () =>
        Object.fromEntries(
          Array.from({ length: random.integer(4) }, () => [anyText(random), anyValue(random, depth + 1)]),
        ),
      () => ({ role: 'user', content: text(random) }),
      () => null,
    );
  }
  return random.pick(makers)(random);
}

const message = (role: string, random: Random): Message & { readonly content: string } => ({
  role,
  content: text(random),
});

function conversation(random: Random): ReturnType<typeof message>[] {
  const turns = Array.from({ length: random.integer(3) }, () => [
    message('user', random),
    message('assistant', random),
  ]);
  const system = random.chance(0.3) ? [message('system', random)] : [];
  return [...system, ...turns.flat(), message('user', random)];
}

/** The columns of one file: some have values of one type, some of any type. */
function columnMakers(random: Random): Record<string, (random: Random) => unknown> {
  const all: Record<string, (random: Random) => unknown> = {
    id: (draw) => draw.integer(10_000),
    weight: (draw) => draw.normal(),
    source: anyText,
    flag: (draw) => draw.chance(0.5),
    constructor: (draw: Random) => draw.integer(10),
    'a name, with "marks"': text,
    tags: (draw) => Array.from({ length: draw.integer(4) }, () => anyText(draw)),
    turns: (draw) => conversation(draw),
    anything: (draw) => anyValue(draw),
    東京: (draw) => anyValue(draw, 2),
    response: text,
    messages: (draw) => draw.pick([[], [1, 2], ['a', null]]),
  };
  const names = random.shuffle(Object.keys(all)).slice(0, random.integer(6));
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

/** The pairs of one file: all plain or all conversational, since a trainer reads one form; with random optional columns. */
export function drawPairs(seed: number, count: number): PreferencePair[] {
  const random = createRandom(seed, 'pairs of any kind');
  const isConversational = random.chance(0.5);
  const makers = columnMakers(random);
  const share = { rationale: random.uniform(), scores: random.uniform(), provenance: random.uniform(), columns: 0.7 };
  return Array.from({ length: count }, (): PreferencePair => {
    const messages = isConversational ? conversation(random) : undefined;
    const chosen = text(random);
    let rejected = text(random);
    while (rejected === chosen) rejected = text(random);
    const columns = Object.fromEntries(
      Object.entries(makers).flatMap(([name, make]) => {
        const value = random.chance(share.columns) ? make(random) : null;
        return value === null ? [] : [[name, value]];
      }),
    );
    return {
      prompt: messages?.at(-1)?.content ?? text(random),
      chosen,
      rejected,
      ...(random.chance(share.rationale) ? { rationale: random.chance(0.1) ? '' : text(random) } : {}),
      ...(messages === undefined ? {} : { conversation: messages }),
      ...(random.chance(share.scores)
        ? { scores: { chosen: random.integer(11), rejected: random.uniform() * 10 } }
        : {}),
      ...(random.chance(share.provenance)
        ? {
            provenance: {
              builder: random.pick(['clair', 'judge_on_policy'] as const),
              seed: random.integer(1000),
              models: { policy: text(random), reviser: text(random) },
              ...(random.chance(0.5) ? { templates: { revise: '3f2a' }, tokens: { input: 12, output: 34 } } : {}),
            },
          }
        : {}),
      ...(Object.keys(columns).length === 0 ? {} : { columns }),
    };
  });
}
