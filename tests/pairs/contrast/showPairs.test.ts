/** Displays of pairs: in HTML that is readable without style sheets and scripts, and in text. */
import { describe, expect, it } from 'vitest';
import { jupyterDisplay, type Displayable } from '../../../src/core/display.js';
import { pagedTableScript } from '../../../src/core/pagedTableScript.js';
import { showPair } from '../../../src/pairs/contrast/showPair.js';
import { showPairs } from '../../../src/pairs/contrast/showPairs.js';
import type { PreferencePair } from '../../../src/pairs/pair.js';

const shown = (value: Displayable) => value[jupyterDisplay]() as { 'text/html': string; 'text/plain': string };
/** Without the style sheets, and without the table's script and its rows as JSON, in which no text can end the element. */
const withoutStyle = (html: string) =>
  html
    .replaceAll(/<style>[^]*?<\/style>/g, '')
    .replace(pagedTableScript, '')
    .replace(/<script type="application\/json">[^<]*<\/script>/, '');

const pair: PreferencePair = {
  prompt: 'What is 2 + 3?',
  chosen: '2 + 3 is 5.',
  rejected: '2 + 3 is 6.',
  rationale: 'The sum was wrong.',
  scores: { chosen: 9, rejected: 2 },
  provenance: {
    builder: 'clair',
    seed: 7,
    models: { policy: 'small', reviser: 'large' },
    templates: { revise: '0123456789abcdef' },
    tokens: { input: 120, output: 1 },
    time: '2026-01-02T03:04:05Z',
  },
  columns: { source: 'handmade', tags: ['sum'] },
};

describe('a pair', () => {
  it('shows prompt, difference and rationale, and its facts below', () => {
    const { 'text/html': html, 'text/plain': text } = shown(showPair(pair));
    expect(html).toContain('2 + 3 is <del>6</del><ins>5</ins>.');
    for (const part of ['What is 2 + 3?', 'The sum was wrong.', 'policy small']) expect(html).toContain(part);
    expect(text).toBe(
      [
        'prompt      What is 2 + 3?',
        'difference  2 + 3 is [-6-]{+5+}.',
        'rationale   The sum was wrong.',
        '            Jaccard 0.67, Levenshtein 1, 11 \u2192 11 characters',
        '            scores 2 \u2192 9',
        '            CLAIR, policy small, reviser large, seed 7, template revise 01234567, 120 tokens in, 1 out, 2026-01-02T03:04:05Z',
        '            source handmade, tags ["sum"]',
      ].join('\n'),
    );
  });

  it('omits what the pair does not have', () => {
    const { 'text/html': html, 'text/plain': text } = shown(showPair({ prompt: '?', chosen: 'a', rejected: 'a' }));
    for (const word of ['rationale', 'scores', 'seed', 'undefined', 'null']) {
      expect(withoutStyle(html)).not.toContain(word);
      expect(text).not.toContain(word);
    }
  });

  it('folds the earlier messages of a conversation', () => {
    const conversation = [
      { role: 'system', content: 'Be <brief>.' },
      { role: 'user', content: 'What is 2 + 3?' },
    ];
    const { 'text/html': html } = shown(showPair({ ...pair, conversation }));
    expect(html).toMatch(/<details><summary>\S+ 1 earlier message<\/summary><b>system<\/b>.*Be &lt;brief&gt;\./s);
  });

  it('escapes every text, in every place', () => {
    const hostile = `</div></style><script>alert(1)</script><img src=x onerror="alert('2')">&amp;`;
    const everywhere: PreferencePair = {
      prompt: hostile,
      chosen: `${hostile} new`,
      rejected: `${hostile} old`,
      rationale: hostile,
      conversation: [
        { role: hostile, content: hostile },
        { role: 'user', content: hostile },
      ],
      provenance: { builder: 'clair', seed: 0, models: { [hostile]: hostile }, time: hostile },
      scores: { chosen: hostile as never, rejected: 1 },
      columns: { [hostile]: hostile },
    };
    for (const value of [showPair(everywhere), showPairs([everywhere, everywhere], { title: hostile })]) {
      const drawing =
        /<svg xmlns="[a-z0-9:./]+" width="\d+" height="\d+" role="img" aria-label="distribution"><path fill="#0072b2" d="[Mvhz0-9. -]*"\/><\/svg>/g;
      const html = withoutStyle(shown(value)['text/html']).replace(drawing, '');
      const tags = new Set([...html.matchAll(/<\/?([a-z0-9]*)[^>]*>/gi)].map(([, name]) => name));
      const allowed = ['div', 'details', 'summary', 'del', 'ins', 'b', 'br', 'small'];
      const table = ['table', 'thead', 'tbody', 'tr', 'th', 'td'];
      expect([...allowed, ...table]).toEqual(expect.arrayContaining([...tags]));
      // Tags have only the attributes written here: a class, or the direction of the text.
      for (const [, attributes] of html.matchAll(/<[a-z]+([^>]*)>/gi)) {
        expect(attributes).toMatch(
          /^(?: class="apolab-[a-z]+(?: apolab-[a-z]+){0,2}")?(?: data-lm-suppress-shortcuts="true")?(?: dir="auto" style="text-align: left; white-space: pre-wrap")?$/,
        );
      }
      expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(html).toContain('&amp;amp;');
    }
  });

  it('shows changes of only white space, and control characters', () => {
    const { 'text/html': html } = shown(showPair({ prompt: '\u0000\ud800', chosen: 'a b', rejected: 'a  b\u0007' }));
    expect(html).toContain('<del>\u2423\u2423</del><ins>\u2423</ins>');
    expect(html).toContain('<del>\u2407</del>');
    expect(html).toContain('>\u2400\ufffd<');
  });

  it('folds long texts, shows their changes, and limits the length', () => {
    const book = 'word and word '.repeat(100_000);
    const long = { prompt: book, chosen: `${book}new. ${book}`, rejected: `${book}old. ${book}`, rationale: book };
    for (const value of [showPair(long), showPairs([long])]) {
      const { 'text/html': html, 'text/plain': text } = shown(value);
      // Compared as booleans: a failure would print the whole text.
      expect(html.includes('<del>old</del><ins>new</ins>. word')).toBe(true);
      expect(/<details><summary>\S+ 1,39\d,\d{3} characters alike<\/summary>/.test(html)).toBe(true);
      expect(html.length).toBeLessThan(150_000);
      expect(text.includes('[-old-]{+new+}. word')).toBe(true);
      expect(text.length).toBeLessThan(12_000);
    }
  });
});

describe('a set of pairs', () => {
  const many = Array.from({ length: 120 }, (_, index) => ({ ...pair, prompt: `question ${index}` }));

  it('is a table with one row per pair, under a heading with their number', () => {
    const { 'text/html': html, 'text/plain': text } = shown(showPairs(many.slice(0, 2), { skipped: 3 }));
    expect(html).toContain('<b>CLAIR: 2 pairs; 3 prompts gave none</b>');
    expect(html.match(/<tr>/g)).toHaveLength(3);
    expect(html.match(/<del>6<\/del><ins>5<\/ins>/g)).toHaveLength(2);
    expect(html).toContain('<td class="apolab-number">0.67</td>');
    expect(text.split('\n\n')).toEqual([
      'CLAIR: 2 pairs; 3 prompts gave none',
      '0  question 0\n   2 + 3 is [-6-]{+5+}.\n   (The sum was wrong.)',
      '1  question 1\n   2 + 3 is [-6-]{+5+}.\n   (The sum was wrong.)',
    ]);
  });

  it('shows the first 50 and the number of the others, which need not be given', () => {
    for (const value of [showPairs(many), showPairs(many.slice(0, 50), { total: 120 })]) {
      const { 'text/html': html, 'text/plain': text } = shown(value);
      expect(html).toContain('120 pairs');
      expect(html).toContain('question 49<');
      expect(html).not.toContain('question 50<');
      expect(html).toContain('... 70 more pairs');
      expect(text).toContain('... 110 more pairs');
    }
  });

  it('omits a column that is empty for all pairs, and keeps one that is empty for some', () => {
    const bare = { prompt: '?', chosen: 'a', rejected: 'b' };
    expect(shown(showPairs([bare]))['text/html']).not.toContain('rationale</th>');
    const mixed = shown(showPairs([bare, pair], { title: 'Mixed' }))['text/html'];
    expect(mixed).toContain('<b>Mixed: 2 pairs</b>');
    expect(mixed).toContain('rationale</th>');
    expect(mixed.match(/<td/g)).toHaveLength(14);
  });

  it('can be empty', () => {
    const { 'text/html': html, 'text/plain': text } = shown(showPairs([], { skipped: 1 }));
    expect(html).not.toContain('<table>');
    expect(text).toBe('0 pairs; 1 prompt gave none');
  });
});
