import { describe, expect, it } from 'vitest';
import { createProgress, formatProgress, formatTime } from '../../src/core/progress.js';

describe('a progress line', () => {
  const at = (done: number, total: number | undefined, seconds: number, width = 60) =>
    formatProgress({ done, total, startedAt: 1000, now: 1000 + seconds * 1000, label: 'cells', width });

  it('shows bar, count, rate and time left', () => {
    expect(at(5, 20, 10)).toBe('cells [#######---------------------] 5/20  0.50/s  0:30 left');
  });

  it('fills a quarter of the bar for a quarter of the work, and fits its width', () => {
    const line = at(5, 20, 10);
    const [all = '', filled = ''] = /\[(#*)-*\]/.exec(line) ?? [];
    expect(filled.length / (all.length - 2)).toBeCloseTo(0.25, 1);
    expect(line.length).toBeLessThanOrEqual(60);
  });

  it('shows no rate and no time at the start', () => {
    expect(at(0, 20, 0)).toMatch(/\] 0\/20$/);
  });

  it('shows the time it took once all is done', () => {
    expect(at(20, 20, 90)).toMatch(/^cells \[#+\] 20\/20 {2}0\.22\/s {2}1:30$/);
  });

  it('never overflows its bar', () => {
    expect(at(30, 20, 10)).not.toContain('-');
    expect(at(-1, 20, 10)).not.toContain('#');
  });

  it('counts if the total is unknown', () => {
    expect(at(7, undefined, 2)).toBe('cells 7  3.5/s  0:02');
    expect(at(7, 0, 2)).toBe('cells 7  3.5/s  0:02');
  });

  it('omits the bar if there is no space for it', () => {
    expect(at(5, 20, 10, 30)).toBe('cells 5/20  0.50/s  0:30 left');
  });

  it('shows a slow rate per minute', () => {
    expect(at(1, 20, 60)).toContain('1.0/min');
  });

  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [3599, '59:59'],
    [3661, '1:01:01'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatTime(seconds)).toBe(text);
  });
});

describe('a progress writer', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    let now = 0;
    const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) };
    const progress = createProgress('steps', 100, stream, () => now);
    const after = (milliseconds: number) => (now += milliseconds);
    return { written, progress, after };
  };

  it('redraws one line on a terminal, ten times a second at most', () => {
    const { written, progress, after } = record(true);
    for (let done = 1; done <= 100; done++) {
      progress.update(done, 'loss 0.7');
      after(10);
    }
    progress.finish();
    expect(written).toHaveLength(11);
    expect(written.every((text) => text.startsWith('\r'))).toBe(true);
    expect(written[1]).toContain('11/100');
    expect(written[1]).toContain('loss 0.7');
    expect(written.filter((text) => text.endsWith('\n'))).toEqual([written[10]]);
    expect(written[10]).toContain('100/100');
  });

  it('writes a line every five seconds into a file', () => {
    const { written, progress, after } = record(false);
    for (let done = 1; done <= 100; done++) {
      progress.update(done);
      after(100);
    }
    progress.finish('saved');
    expect(written.map((text) => /(\d+)\/100/.exec(text)?.[1])).toEqual(['1', '51', '100']);
    expect(written.at(-1)).toMatch(/ {2}saved\n$/);
    expect(written.join('')).not.toContain('\r');
  });
});
