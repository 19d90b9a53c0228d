/** notebooks/preference-data.ipynb runs from top to bottom in the kernel, without a network or a key. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workshop } from '../../src/datasets/index.js';
import { type ExecutedNotebook, expectCleanRun, runNotebook, shownBy as shownIn } from './runNotebook.js';

const rows = workshop.rows();
let notebook: ExecutedNotebook;

beforeAll(async () => {
  notebook = await runNotebook('preference-data.ipynb');
});

const shownBy = (words: string, kind: 'stream' | 'text/html' | 'text/plain') => shownIn(notebook, words, kind);

describe('notebooks/preference-data.ipynb', () => {
  it('is kept without outputs, and runs every cell once, in order, with no output on standard error', () => {
    expectCleanRun(notebook);
  });

  it('shows the pairs of CLAIR as differences, with the rationales', () => {
    const html = shownBy('reviser: datasets.workshop.reviser', 'text/html');
    expect(html).toMatch(/<del>[^<]+<\/del>/);
    expect(html).toMatch(/<ins>[^<]+<\/ins>/);
    expect(html).toContain(rows[0]!.rationale.slice(0, 40).replaceAll("'", '&#39;'));
  });

  it('counts the ties', () => {
    const ties = rows.filter((row) => row.score_policy === row.score_policy_second).length;
    expect(shownBy('const judging', 'stream')).toContain(`${rows.length - ties} pairs; ${ties} of ${rows.length}`);
  });

  it('compares the four sets and draws distributions', () => {
    const table = shownBy('preference.compare', 'text/html') || shownBy('preference.compare', 'text/plain');
    for (const label of ['CLAIR', 'Judge on-policy', 'Judge off-policy', 'Stronger Preferred']) {
      expect(table).toContain(label);
    }
    expect(shownBy('preference.describe', 'text/html') + shownBy('preference.describe', 'text/plain')).not.toBe('');
  });

  it('writes pairs and reads them back', () => {
    expect(existsSync(path.join(notebook.folder, 'results', 'workshop-clair.jsonl'))).toBe(true);
    const said = shownBy('preference.readPairs', 'stream');
    expect(said).toContain(`${rows.length} pairs read, 0 rows skipped`);
    expect(said).toContain('the same as before: true');
  });

  it('sends no request to an endpoint', () => {
    expect(shownBy('askMyModel', 'stream')).toBe('');
    expect(existsSync(path.join(notebook.folder, '.apolab-cache'))).toBe(false);
  });
});
