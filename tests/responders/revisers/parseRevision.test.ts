/**
 * Completions are generated from a description of their parts, and the expected results come from the description, not
 * from the parser. Markers are those of the published revisions (`**Corrected Student Solution:**`,
 * `{corrected_student_solution}:`, `{corrected_student_solution}`, `{teacher_reasoning}`) and similar ones.
 */
import { describe, expect, it } from 'vitest';
import { parseRevision } from '../../../src/responders/revisers/parseRevision.js';
import { createRandom, type Random } from '../../../src/core/random.js';

const cases = {
  lower: (word: string) => word,
  upper: (word: string) => word.toUpperCase(),
  title: (word: string) => word.charAt(0).toUpperCase() + word.slice(1),
};
const separators = [' ', '_', '-', '\\_'];

/** The decoration around a marker's words; a colon inside is before the closing part. `needs` a colon or the end of the line. */
const wrappers: readonly { readonly open: string; readonly close: string; readonly needs: boolean }[] = [
  { open: '', close: '', needs: true },
  { open: '{', close: '}', needs: false },
  { open: '[', close: ']', needs: false },
  { open: '**', close: '**', needs: false },
  { open: '__', close: '__', needs: false },
  { open: '**{', close: '}**', needs: false },
  { open: '`{', close: '}`', needs: false },
  { open: '`', close: '`', needs: true },
  { open: '"', close: '"', needs: true },
  { open: '## ', close: '', needs: true },
  { open: '### **', close: '**', needs: false },
  { open: '2. **', close: '**', needs: false },
];

const prose = ['the', 'sum', 'is', 'off', 'since', 'seven', 'and', 'five', 'make', 'twelve', 'not', 'eleven', 'Here:'];

interface Marker {
  readonly text: string;
  /** The text between the marker and its content. */
  readonly gap: string;
}

function marker(random: Random, words: readonly string[], fixed: { readonly wrapper?: number } = {}): Marker {
  const wrapper = wrappers[fixed.wrapper ?? random.integer(wrappers.length)]!;
  const write = random.pick(Object.values(cases));
  const name = words.map(write).join(random.pick(separators));
  const colon = random.pick(['', 'inside', 'outside', 'spaced', 'both']);
  const inside = colon === 'inside' || (colon === 'both' && wrapper.close !== '') ? ':' : '';
  const outside = { outside: ':', spaced: ' :', both: ':' }[colon] ?? '';
  const gap = wrapper.needs && colon === '' ? random.pick(['\n', '\n\n']) : random.pick([' ', '\n', '\n\n', '  \n\n']);
  return { text: `${random.pick(['', '', '  '])}${wrapper.open}${name}${inside}${wrapper.close}${outside}`, gap };
}

const solutionWords = ['corrected', 'student', 'solution'];
const sentences = (random: Random, count: number) =>
  Array.from({ length: count }, (_, line) => `${line + 1} ${random.shuffle(prose).slice(0, 6).join(' ')}.`).join('\n');

/** The completion of one variation, and the expected result. */
interface Variation {
  readonly completion: string;
  readonly expected:
    | { readonly kind: 'revised'; readonly response: string; readonly rationale: string }
    | { readonly kind: 'skipped'; readonly reason: string };
}

const noMarker =
  "no corrected solution: expected the solution's marker at the beginning of a line, such as {corrected_student_solution}";
const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** The parts of every variation; each kind of variation joins them in its own way. */
interface Parts {
  readonly random: Random;
  readonly reasoning: string;
  readonly solution: string;
  /** The reasoning under its marker, or without one. */
  readonly opening: string;
  readonly marker: () => Marker;
}

const kinds: Readonly<Record<string, (parts: Parts) => Variation>> = {
  plain: ({ opening, reasoning, solution, marker: next }) => {
    const { text, gap } = next();
    return {
      completion: `${opening}\n\n${text}${gap}${solution}\n`,
      expected: { kind: 'revised', response: solution, rationale: reasoning },
    };
  },
  mentioned: ({ random, opening, reasoning, solution, marker: next }) => {
    const mention = random.pick([
      'In the corrected student solution I will keep the rest.',
      'So the {corrected_student_solution} keeps the rest: no word more.',
      'I write it under **Corrected Student Solution:** below.',
      'Corrected student solutions are short.',
    ]);
    const { text, gap } = next();
    return {
      completion: `${opening}\n${mention}\n\n${text}${gap}${solution}`,
      expected: { kind: 'revised', response: solution, rationale: `${reasoning}\n${mention}` },
    };
  },
  'begins a sentence': ({ opening, reasoning, solution, random }) => {
    const mention = '{corrected_student_solution} has to keep the first line, I think.';
    const { text } = marker(random, solutionWords, { wrapper: random.pick([1, 3, 5]) });
    return {
      completion: `${opening}\n${mention}\n\n${text}\n${solution}`,
      expected: { kind: 'revised', response: solution, rationale: `${reasoning}\n${mention}` },
    };
  },
  'twice the same': ({ opening, reasoning, solution, marker: next }) => {
    const [first, second] = [next(), next()];
    return {
      completion: `${opening}\n\n${first.text}\n${solution}\n\n${second.text}\n${solution}`,
      expected: { kind: 'revised', response: solution, rationale: reasoning },
    };
  },
  'twice, once with nothing': ({ opening, reasoning, solution, marker: next }) => {
    const [first, second] = [next(), next()];
    return {
      completion: `${opening}\n\n${first.text}\n\n${second.text}\n${solution}`,
      expected: { kind: 'revised', response: solution, rationale: reasoning },
    };
  },
  'twice with different solutions': ({ random, opening, solution }) => {
    const [first, second] = [1, 3].map((wrapper) => marker(random, solutionWords, { wrapper }).text) as [
      string,
      string,
    ];
    const before = `${opening}\n\n`;
    const between = `${before}${first}\n${solution}\n\n`;
    return {
      completion: `${between}${second}\nquite another one`,
      expected: {
        kind: 'skipped',
        reason: `two different solutions: one under the marker in line ${lineAt(before, before.length)}, another under the one in line ${lineAt(between, between.length)}`,
      },
    };
  },
  'no marker': ({ opening, solution, random }) => {
    const isMentioned = random.chance(0.5);
    const text = `${opening}\n\n${isMentioned ? 'My corrected student solution is: ' : ''}${solution}`;
    const seen = [
      ...(/reasoning/i.test(text.split('\n')[0]!) ? ["the reasoning's marker is in line 1"] : []),
      ...(isMentioned
        ? [`the solution is only mentioned inside a sentence, in line ${lineAt(text, text.search('My corrected'))}`]
        : []),
    ];
    return {
      completion: text,
      expected: { kind: 'skipped', reason: `${noMarker}${seen.length === 0 ? '' : `; ${seen.join(', and ')}`}` },
    };
  },
  'nothing after the marker': ({ opening, marker: next }) => {
    const { text } = next();
    const before = `${opening}\n\n`;
    return {
      completion: `${before}${text}\n \n`,
      expected: {
        kind: 'skipped',
        reason: `no text under the solution's marker in line ${lineAt(before, before.length)} (cut off?)`,
      },
    };
  },
  'reasoning behind': ({ random, reasoning, solution, marker: next }) => {
    const { text, gap } = next();
    const behind = marker(random, ['teacher', 'reasoning'], { wrapper: random.pick([1, 3]) });
    return {
      completion: `${text}${gap}${solution}\n\n${behind.text}\n${reasoning}`,
      expected: { kind: 'revised', response: solution, rationale: reasoning },
    };
  },
  tags: ({ random, reasoning, solution }) => {
    const line = random.pick(['\n', '']);
    return {
      completion: `<teacher_reasoning>${line}${reasoning}${line}</teacher_reasoning>${line}<corrected_student_solution>${line}${solution}${line}</corrected_student_solution>\n\nI hope this helps.`,
      expected: { kind: 'revised', response: solution, rationale: `${reasoning}\n\nI hope this helps.` },
    };
  },
};

function variation(seed: number): Variation & { readonly name: string; readonly seed: number } {
  const random = createRandom(seed, 'variation');
  const [name, make] = Object.entries(kinds)[seed % Object.keys(kinds).length]!;
  const reasoning = sentences(random, 1 + random.integer(3));
  const solution = `It is ${random.integer(90)}.\n${sentences(random, random.integer(3))}`.trim();
  const reasoningMarker = marker(random, ['teacher', 'reasoning']);
  const opening = random.chance(0.8) ? `${reasoningMarker.text}${reasoningMarker.gap}${reasoning}` : reasoning;
  const made = make({ random, reasoning, solution, opening, marker: () => marker(random, solutionWords) });
  const ends = random.chance(0.3) ? '\r\n' : '\n';
  const withEnds = (text: string) => text.replaceAll('\n', ends);
  const { expected } = made;
  if (expected.kind === 'skipped') return { name, seed, completion: withEnds(made.completion), expected };
  // The parser joins separate parts of a rationale with a blank line.
  const [reasons, more] = expected.rationale.split('\n\n');
  const rationale = [reasons!, ...(more === undefined ? [] : [more])].map(withEnds).join('\n\n');
  return {
    name,
    seed,
    completion: withEnds(made.completion),
    expected: { kind: 'revised', response: withEnds(expected.response), rationale },
  };
}

describe('100 seeded variations of real markers', () => {
  it.each(Array.from({ length: 100 }, (_, seed) => variation(seed)))('$seed: $name', ({ completion, expected }) =>
    expect(parseRevision(completion), completion).toEqual(expected),
  );

  it('are of every kind, and no two alike', () => {
    const all = Array.from({ length: 100 }, (_, seed) => variation(seed));
    expect(new Set(all.map(({ name }) => name)).size).toBe(Object.keys(kinds).length);
    expect(new Set(all.map(({ completion }) => completion)).size).toBe(100);
  });
});

const reasoned = '{teacher_reasoning}\nThe sum is off.\n\n';
const revised = { kind: 'revised', response: 'It is 4.', rationale: 'The sum is off.' };
const solution = '{corrected_student_solution}\nIt is 4.';

describe('one by one', () => {
  it.each([
    ['**Corrected Student Solution:**\nIt is 4.'],
    ['{corrected_student_solution}:\nIt is 4.'],
    ['{corrected_student_solution}\nIt is 4.'],
    ['{corrected_student_solution} It is 4.'],
    ["**Corrected Student's Solution:** It is 4."],
    ['**Corrected Student Solution: It is 4.**'],
    ['{{corrected_student_solution}}\nIt is 4.'],
    ['[[Corrected Student Solution]]:\nIt is 4.'],
    ['"corrected_student_solution": It is 4.'],
    ['> **Corrected Student Solution:** It is 4.'],
    ['## Corrected Student Solution ##\nIt is 4.'],
    ['Corrected Student Solution：It is 4.'],
    ['corrected student solution\nIt is 4.'],
    ['{corrected_student_solution}\nIt is 4.\n{/corrected_student_solution}'],
    ['{corrected_student_solution}\nIt is 4.\n{corrected_student_solution}'],
    ['```\n{corrected_student_solution}\nIt is 4.\n```'],
    ['{corrected_student_solution}\n<student_solution>\nIt is 4.\n</student_solution>'],
  ])('%j', (text) => expect(parseRevision(reasoned + text)).toEqual(revised));

  it('keeps bold text at the start of the solution', () => {
    const text = `${reasoned}**Corrected Student Solution:** **Four** it is.`;
    expect(parseRevision(text)).toMatchObject({ response: '**Four** it is.' });
  });

  it('keeps the words of a marker inside a solution', () => {
    const response =
      'A corrected student solution is what {corrected_student_solution} asks for.\nIt is teacher reasoning.';
    expect(parseRevision(`${reasoned}{corrected_student_solution}\n${response}`)).toMatchObject({ response });
  });

  it('accepts a solution without any reasoning, whose rationale is empty', () =>
    expect(parseRevision(solution)).toEqual({ ...revised, rationale: '' }));

  it('adds text before and after to the rationale', () => {
    const text = `Sure, here it is.\n\n${reasoned}<corrected_student_solution>It is 4.</corrected_student_solution>\nBye!`;
    expect(parseRevision(text)).toEqual({ ...revised, rationale: 'Sure, here it is.\n\nThe sum is off.\n\nBye!' });
  });

  it('treats the think block of a reasoning model as reasoning, markers included', () => {
    const text = `<think>\n${solution} No: 5.\n</think>\n${reasoned}${solution}`;
    expect(parseRevision(text)).toEqual({ ...revised, rationale: `${solution} No: 5.\n\nThe sum is off.` });
    expect(parseRevision(`<think>\n${solution}`)).toEqual({
      kind: 'skipped',
      reason: 'the completion ends inside <think>, before any solution (cut off?)',
    });
  });

  it('reads a completion inside one code fence', () =>
    expect(parseRevision(`\`\`\`markdown\n${reasoned}${solution}\n\`\`\``)).toEqual(revised));

  const fenced = '```ts\nadd(2, 2);\n```';
  it.each([
    ['is removed if the response has none', 'add(2 2)', 'add(2, 2);'],
    ['stays if the response has one', '```\nadd(2 2)\n```', fenced],
    ['stays if the response is not given', undefined, fenced],
  ])('a fence around the whole solution %s', (_, policyResponse, response) => {
    const options = policyResponse === undefined ? {} : { policyResponse };
    expect(parseRevision(`${reasoned}{corrected_student_solution}\n${fenced}`, options)).toMatchObject({ response });
  });

  it('keeps fences that are parts of a solution', () => {
    const response = `${fenced}\nand\n${fenced}`;
    const text = `${reasoned}{corrected_student_solution}\n${response}`;
    expect(parseRevision(text, { policyResponse: 'add' })).toMatchObject({ response });
  });

  it('removes a rule between the parts, unless the response of the policy has one', () => {
    const text = `**Teacher Reasoning:**\n\n---\nThe sum is off.\n\n---\n\n**Corrected Student Solution:**\n\n---\n\nIt is 4.\n\n---`;
    expect(parseRevision(text, { policyResponse: 'It is 5.' })).toEqual(revised);
    expect(parseRevision(text)).toEqual({ ...revised, response: '---\n\nIt is 4.\n\n---' });
    for (const response of ['Sum\n---\nIt is 4.', '---\ntitle: sum\n---\nIt is 4.', 'It is\n4.\n---']) {
      const other = `${reasoned}{corrected_student_solution}\n${response}`;
      expect(parseRevision(other, { policyResponse: 'It is 5.' })).toEqual({ ...revised, response });
    }
  });

  it('reads JSON, and refuses text that only looks like it', () => {
    const fields = { teacher_reasoning: 'The sum is off.', corrected_student_solution: 'It is 4.' };
    expect(parseRevision(JSON.stringify(fields))).toEqual(revised);
    expect(parseRevision(`\`\`\`json\n${JSON.stringify(fields, null, 2)}\n\`\`\``)).toEqual(revised);
    expect(parseRevision(JSON.stringify({ ...fields, sure: 0.9 }))).toEqual({
      ...revised,
      rationale: 'The sum is off.\n\n0.9',
    });
    const broken = JSON.stringify(fields, null, 2).replace('It is', 'It\nis');
    expect(parseRevision(broken)).toEqual({
      kind: 'skipped',
      reason: 'the solution in line 3 is a field of JSON that cannot be read',
    });
  });

  it.each([
    ['', 'the completion is empty'],
    ['  \n ', 'the completion is empty'],
    ["I can't help with that.", noMarker],
    [
      'Corrected student solutions are short.\nCorrected student solution will be short.',
      `${noMarker}; the solution is only mentioned inside a sentence, in lines 1 and 2`,
    ],
    [
      '"Corrected student solution" is asked for,\n`corrected_student_solution` too.',
      `${noMarker}; the solution is only mentioned inside a sentence, in lines 1 and 2`,
    ],
    [
      `${reasoned}${solution}\n\n{teacher_reasoning}\nMore of it.`,
      "the reasoning's marker is in lines 1 and 7, once inside or after the solution of line 4; so the end of the solution is not clear",
    ],
    [`${solution}\n`.repeat(20), "the solution's marker occurs 20 times, first in line 1"],
  ])('refuses %j', (text, reason) => expect(parseRevision(text)).toEqual({ kind: 'skipped', reason }));
});

describe('random texts', () => {
  const pieces = [
    '\n',
    '\n\n',
    '\r\n',
    ' ',
    ': ',
    '**',
    '`',
    '```\n',
    '{',
    '}',
    '- ',
    '# ',
    '{corrected_student_solution}',
    '{corrected_student_solution}:\n',
    '**Corrected Student Solution:**\n',
    '<corrected_student_solution>',
    '</corrected_student_solution>',
    'corrected student solution',
    '\n{teacher_reasoning}\n',
    '<teacher_reasoning>',
    '</teacher_reasoning>',
    'teacher reasoning:',
    '<think>',
    '</think>',
    '🙂',
    '\ud83d',
    '\u2028',
    '\u0000',
  ];

  it('give both parts without losing a word, or a reason', () => {
    const kinds = { revised: 0, skipped: 0 };
    for (let seed = 0; seed < 5000; seed++) {
      const random = createRandom(seed, 'fuzz');
      const words: string[] = [];
      const text = Array.from({ length: 1 + random.integer(25) }, (_, index) => {
        if (random.chance(0.5)) return random.pick(pieces);
        words.push(`w${index}.`);
        return `${random.pick(['', ' ', '\n'])}w${index}. `;
      }).join('');
      const parsed = parseRevision(text, random.chance(0.5) ? { policyResponse: 'w1. w2.' } : {});
      kinds[parsed.kind] += 1;
      if (parsed.kind === 'skipped') {
        expect(parsed.reason).not.toBe('');
        continue;
      }
      expect(parsed.response).not.toBe('');
      expect(text, JSON.stringify(text)).toContain(parsed.response);
      for (const piece of parsed.rationale.split('\n\n')) expect(text).toContain(piece);
      const kept = `${parsed.response} ${parsed.rationale}`;
      for (const word of words) expect(kept, JSON.stringify(text)).toContain(word);
    }
    expect(Math.min(kinds.revised, kinds.skipped)).toBeGreaterThan(500);
  });

  const million = 2 ** 20;
  it.each([
    ['\n'],
    ['\r'],
    [' '],
    ['*'],
    ['_'],
    ['`'],
    ['{'],
    ['> '],
    ['#'],
    ['- '],
    ['```\n'],
    ['---\n'],
    ['---\n\n'],
    ['-'],
    ['</'],
    ['corrected '],
    ['corrected student '],
    ['corrected student solution '],
    ['{corrected_student_solution}'],
    ['{corrected_student_solution}\n'],
    ['{corrected_student_solution}\nx\n'],
    ['- {corrected_student_solution} x\n'],
    ['</corrected_student_solution>'],
    ['</corrected_student_solution'],
    ['{teacher_reasoning}\n'],
    ['</teacher_reasoning>'],
    ['<think>'],
  ])('a million characters of %j take no more than linear time', (piece) => {
    const text = piece.repeat(Math.ceil(million / piece.length));
    for (const completion of [text, `${solution}\n${text}`, `${text}\n${solution}`]) {
      expect(['revised', 'skipped']).toContain(parseRevision(completion, { policyResponse: text }).kind);
    }
  });
});
