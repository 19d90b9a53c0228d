/** Links from a notebook to files. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { pageLink, relativeLink, servedFolderVariable } from '../../src/core/servedFile.js';

afterEach(() => vi.unstubAllEnvs());

describe('a link', () => {
  test('is relative to the notebook, with every name encoded', () => {
    expect(relativeLink('/work/notebooks', '/work/results/50 % #1/grid.csv')).toBe(
      '../results/50%20%25%20%231/grid.csv',
    );
    expect(relativeLink('/work/results/run', '/work/results/run/grid.csv')).toBe('grid.csv');
  });

  test('to a page goes through the server if the server has the file', () => {
    const [from, page] = ['/work/notebooks', '/work/results/a run/report.html'];
    vi.stubEnv(servedFolderVariable, '/work');
    expect(pageLink(from, page)).toBe('/files/results/a%20run/report.html');
    vi.stubEnv(servedFolderVariable, '/elsewhere');
    expect(pageLink(from, page)).toBe('../results/a%20run/report.html');
    vi.stubEnv(servedFolderVariable, '');
    expect(pageLink(from, page)).toBe('../results/a%20run/report.html');
  });
});
