/** Links from a notebook to files; tests/lab/links.test.ts clicks on them in JupyterLab. */
import { describe, expect, test } from 'vitest';
import { fileLink, pageLink, relativeLink } from '../../src/core/servedFile.js';

describe('a link', () => {
  test('is relative to the notebook, with every name encoded', () => {
    expect(relativeLink('/work/notebooks', '/work/results/50 % #1/grid.csv')).toBe(
      '../results/50%20%25%20%231/grid.csv',
    );
    expect(relativeLink('/work/results/run', '/work/results/run/grid.csv')).toBe('grid.csv');
  });

  test('has its text escaped, and only that to a page keeps its click from JupyterLab', () => {
    const [from, file] = ['/work/notebooks', '/work/results/a run/report.html'];
    const start = '<a href="../results/a%20run/report.html" target="_blank" rel="noopener"';
    expect(fileLink(from, file, 'a < b').text).toBe(`${start}>a &lt; b</a>`);
    expect(pageLink(from, file, 'a < b').text).toMatch(
      new RegExp(`^${start} onclick="[^"<>]*jupyter-config-data[^"<>]*">a &lt; b</a>$`),
    );
  });
});
