/** IFEval: every kind of instruction, strict and loose verdicts, its files, and its parts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchmarks, evaluate, readResponses } from '../../src/evaluation/index.js';
import { verdictOf } from '../../src/evaluation/ifeval/ifeval.js';
import { instructions, type InstructionId } from '../../src/evaluation/ifeval/instructions.js';

interface Case {
  readonly given?: Readonly<Record<string, unknown>>;
  readonly follows: readonly string[];
  readonly fails: readonly string[];
}

/** Responses whose verdict follows from the definition in arXiv 2311.07911 and the official program's details. */
const cases: Readonly<Record<InstructionId, Case>> = {
  'keywords:existence': {
    given: { keywords: ['mill', 'river'] },
    follows: ['A Mill by the RIVER', 'windmills and rivers'],
    fails: ['A mill', ''],
  },
  'keywords:frequency': {
    given: { keyword: 'mill ', frequency: 2, relation: 'at least' },
    follows: ['mill, Mill', 'windmill mill mill'],
    fails: ['mill', 'mil l'],
  },
  'keywords:forbidden_words': {
    given: { forbidden_words: ['mill', 'été'] },
    follows: ['windmills only', 'milling'],
    fails: ['The MILL.', "l'été", 'a mill-stone'],
  },
  'keywords:letter_frequency': {
    given: { letter: 'E', let_frequency: 3, let_relation: 'less than' },
    follows: ['eE', 'xyz'],
    fails: ['see the'],
  },
  'language:response_language': {
    given: { language: 'de' },
    follows: ['Die Mühle steht am Fluss und dreht sich nicht.', '1 2 3'],
    fails: ['The mill stands by the river and does not turn.'],
  },
  'length_constraints:number_sentences': {
    given: { num_sentences: 2, relation: 'less than' },
    follows: ['One.', 'Dr. Hill left', 'one\ntwo\nthree'],
    fails: ['One. Two.'],
  },
  'length_constraints:number_paragraphs': {
    given: { num_paragraphs: 2 },
    follows: ['one\n***\ntwo', '***one***two***'],
    fails: ['one\n\ntwo', 'one *** *** two', 'one'],
  },
  'length_constraints:number_words': {
    given: { num_words: 3, relation: 'at least' },
    follows: ['one two three', "don't go", 'un été à'],
    fails: ['one two', '... , !'],
  },
  'length_constraints:nth_paragraph_first_word': {
    given: { num_paragraphs: 2, nth_paragraph: 2, first_word: 'Then' },
    follows: ['First.\n\nthen, it went', 'First.\n\n"Then" it', "x\n\n'then'"],
    fails: ['First.\n\nAnd then', 'then', 'a\n\nthen\n\nc', 'a\n\n\n\nthen'],
  },
  'detectable_content:number_placeholders': {
    given: { num_placeholders: 2 },
    follows: ['[name] and [address]', '[][]'],
    fails: ['[name', '[two\nlines] [one]'],
  },
  'detectable_content:postscript': {
    given: { postscript_marker: 'P.S.' },
    follows: ['Bye.\nP.S. Bring milk', 'p. s. milk'],
    fails: ['PS milk', 'P.P.'],
  },
  'detectable_format:number_bullet_lists': {
    given: { num_bullets: 2 },
    follows: ['* one\n* two', '- one\n  - two', '* one\n- two'],
    fails: ['** bold **\n* one', '* one', '* a\n* b\n* c'],
  },
  'detectable_format:constrained_response': {
    follows: ['My answer is yes.', 'Well. My answer is maybe. Or so.'],
    fails: ['my answer is yes.', 'My answer is yes'],
  },
  'detectable_format:number_highlighted_sections': {
    given: { num_highlights: 2 },
    follows: ['*one* and *two*', '**bold** counts *once*'],
    fails: ['*one*', '**a**', '* * and ** **', '*over\nlines* *x*'],
  },
  'detectable_format:multiple_sections': {
    given: { section_spliter: 'SECTION', num_sections: 2 },
    follows: ['SECTION 1\na\nSECTION 2\nb', 'SECTION1 SECTION2 SECTION3'],
    fails: ['Section 1\nSection 2', 'SECTION one SECTION 2'],
  },
  'detectable_format:json_format': {
    follows: ['{"a": [1, null]}', '```json\n{"a": 1}\n```', '"text"'],
    fails: ["{'a': 1}", 'Here: {"a": 1}', '```js\n{}\n```'],
  },
  'detectable_format:title': {
    follows: ['<<poem of joy>>\nText', 'a <<b>> c'],
    fails: ['<poem>', '<< >>', '<<over\nlines>>'],
  },
  'combination:two_responses': {
    follows: ['one ****** two', '******\none\n******\ntwo'],
    fails: ['one ****** one', 'one', 'a ****** ****** b', 'a ****** b ****** c'],
  },
  'combination:repeat_prompt': {
    given: { prompt_to_repeat: 'Write a poem.' },
    follows: ['Write a poem. Roses are red.', '  WRITE A POEM.\nRoses'],
    fails: ['Sure: Write a poem.', 'Write a  poem.'],
  },
  'startend:end_checker': {
    given: { end_phrase: 'Any other questions?' },
    follows: ['Done. any other questions?', '"Done. Any other questions?" '],
    fails: ['Any other questions? No.', 'Any other questions'],
  },
  'startend:quotation': {
    follows: ['"All of it"', ' "two\nlines" '],
    fails: ['"', '"Only" the start', '“Curly”'],
  },
  'change_case:capital_word_frequency': {
    given: { capital_frequency: 3, capital_relation: 'at least' },
    follows: ["NASA, DON'T", 'A B C'],
    fails: ['NASA NAsa nasa', 'STATE-OF-THE-ART'],
  },
  'change_case:english_capital': {
    follows: ['THE MILL STANDS BY THE RIVER, AND THAT IS THAT.'],
    fails: ['THE MILL STANDS BY THE RIVEr.', 'DIE MÜHLE STEHT AM FLUSS UND DREHT SICH NICHT.', '12'],
  },
  'change_case:english_lowercase': {
    follows: ['the mill stands by the river, and that is that.'],
    fails: ['The mill stands by the river.', 'die mühle steht am fluss und dreht sich nicht.', '12'],
  },
  'punctuation:no_comma': { follows: ['No commas; none.'], fails: ['One, two.'] },
};

describe('the instruction', () => {
  test.each(Object.entries(cases) as [InstructionId, Case][])('%s', (id, { given = {}, follows, fails }) => {
    const verdicts = (texts: readonly string[]) => texts.map((text) => [text, instructions[id].follows(text, given)]);
    expect(verdicts(follows)).toEqual(follows.map((text) => [text, true]));
    expect(verdicts(fails)).toEqual(fails.map((text) => [text, false]));
  });

  test('other relations and markers', () => {
    const words = instructions['length_constraints:number_words'];
    expect(words.follows('one two', { num_words: 2, relation: 'less than' })).toBe(false);
    const postscript = instructions['detectable_content:postscript'];
    expect(postscript.follows('P. P.S Milk', { postscript_marker: 'P.P.S' })).toBe(true);
    expect(postscript.follows('Note: milk', { postscript_marker: 'NOTE:' })).toBe(true);
  });

  test('says which argument is wrong', () => {
    expect(() =>
      instructions['length_constraints:number_words'].check({ num_words: '3', relation: 'at most' }),
    ).toThrow('its argument num_words must be a whole number, but is "3"');
  });
});

const example = {
  key: 7,
  prompt: 'Write two lines without commas.',
  instruction_id_list: ['punctuation:no_comma', 'detectable_format:title'],
  kwargs: [{}, {}],
} as const;

describe('verdicts', () => {
  test('are loose without the first line, the last line or asterisks', () => {
    expect(verdictOf(example, 'Sure, here:\n<<T>>')).toEqual({ strict: [false, true], loose: [true, true] });
    expect(verdictOf(example, '<*<T>*>\nI hope this helps, friend')).toEqual({
      strict: [false, false],
      loose: [true, true],
    });
    expect(verdictOf(example, 'Sure, here:\n<<T>>\nBye, friend')).toMatchObject({ loose: [true, true] });
  });

  test('of an empty response are that nothing is followed', () => {
    expect(verdictOf(example, ' \n')).toEqual({ strict: [false, false], loose: [false, false] });
  });
});

describe('the benchmark', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ifeval-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, ...rows: readonly object[]) => {
    const file = path.join(folder, name);
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return file;
  };
  const one = { ...example, key: 8, instruction_id_list: ['punctuation:no_comma'], kwargs: [{ num_words: null }] };
  write('prompts.jsonl', example, one, { ...one, key: 9 });
  const responses = write('responses.jsonl', { key: '7', response: '<<T>>\na, b' }, { key: 8, response: 'none' });

  test('scores prompts and instructions, strict and loose, and each kind', async () => {
    const result = await evaluate(await readResponses(responses), 'ifeval', { data: folder });
    expect(result).toMatchObject({ score: 50, standardError: 50, n: 2, refused: 0, undecided: 0 });
    expect(result.items.map(({ id, verdict }) => [id, verdict])).toEqual([
      [{ key: 7 }, { strict: [false, true], loose: [true, true] }],
      [{ key: 8 }, { strict: [true], loose: [true] }],
    ]);
    // Instructions, strict: 0, 1 | 1. Mean 2/3; sums of deviations per prompt -1/3 and 1/3; sqrt(2 * 2/9) / 3.
    expect(result.parts).toEqual([
      { name: 'prompts, strict', score: 50, standardError: 50, n: 2 },
      { name: 'prompts, loose', score: 100, standardError: 0, n: 2 },
      {
        name: 'instructions, strict',
        score: expect.closeTo(200 / 3, 10) as number,
        standardError: expect.closeTo(200 / 9, 10) as number,
        n: 3,
      },
      { name: 'instructions, loose', score: 100, standardError: 0, n: 3 },
      { name: 'punctuation:no_comma', score: 50, standardError: 50, n: 2 },
      { name: 'detectable_format:title', score: 100, standardError: null, n: 1 },
    ]);
    expect(result.items[0]!.reason).toBe('not followed: punctuation:no_comma');
  });

  test('names the row that is wrong', async () => {
    const read = (row: object) => benchmarks.ifeval.examples({ data: write('wrong.jsonl', row) });
    await expect(read({ ...one, kwargs: [] })).rejects.toThrow(
      /Row 1 of .*wrong\.jsonl must have an instruction_id_list/,
    );
    await expect(read({ ...one, instruction_id_list: ['punctuation:no_coma'] })).rejects.toThrow(
      "did you mean 'punctuation:no_comma'",
    );
    await expect(read({ ...one, instruction_id_list: ['keywords:existence'] })).rejects.toThrow(
      /Row 1 of .*, keywords:existence: its argument keywords must be a list of texts/,
    );
    await expect(Promise.resolve(benchmarks.ifeval.examples({ data: folder + '/none' }))).rejects.toThrow(
      'do not exist',
    );
  });

  test('says if no response belongs to an example', async () => {
    const other = await readResponses(write('other.jsonl', { key: 1, response: 'x' }));
    await expect(evaluate(other, 'ifeval', { data: folder })).rejects.toThrow('its rows must name one by key');
    await expect(readResponses(write('none.jsonl', { key: 1 }))).rejects.toThrow('Row 1 of');
  });
});
