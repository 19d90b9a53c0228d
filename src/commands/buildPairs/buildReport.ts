/** What a run of a builder reports: a note beside the progress, and the files, reasons and cost at the end. */
import type { Endpoint } from '../../preference.js';
import { describeUsage } from '../../responders/endpoint/usage.js';
import type { BuildCounts, BuiltFiles } from './buildOutput.js';
import { countOf } from '../../core/text.js';

const reasonsShown = 8;

/** `1,200 pairs, 3 skipped, $0.0132`; tokens in place of dollars if no endpoint has a price. */
export function progressNote({ pairs, skipped }: BuildCounts, endpoints: readonly Endpoint[]): string {
  const usages = endpoints.map(({ usage }) => usage);
  const tokens = usages.reduce((sum, { input, output }) => sum + input + output, 0);
  const priced = usages.flatMap(({ dollars }) => (dollars === undefined ? [] : [dollars]));
  const cost =
    priced.length === 0 ? `${tokens.toLocaleString('en')} tokens` : `$${priced.reduce((a, b) => a + b).toFixed(4)}`;
  return `${pairs.toLocaleString('en')} pairs, ${skipped.toLocaleString('en')} skipped, ${cost}`;
}

/** The lines for standard error: the files, the commonest reasons first, and the usage of each endpoint. */
export function reportLines(
  { pairs, skipped }: BuildCounts,
  { out, skippedFile }: BuiltFiles,
  reasons: ReadonlyMap<string, number>,
  endpoints: readonly Endpoint[],
): string[] {
  const ranked = [...reasons].sort(([, a], [, b]) => b - a);
  return [
    `${countOf(pairs, 'pair')}${out === undefined ? '' : ` in ${out}`}.`,
    ...(skippedFile === undefined
      ? []
      : [
          `${countOf(skipped, 'prompt')} skipped; each with its reason in ${skippedFile}:`,
          ...ranked.slice(0, reasonsShown).map(([reason, times]) => `  ${times.toLocaleString('en')}  ${reason}`),
          ...(ranked.length > reasonsShown ? [`  and ${ranked.length - reasonsShown} more reasons`] : []),
        ]),
    ...endpoints.map(({ name, usage }) => `${name}: ${describeUsage(usage)}`),
  ];
}

/** The object of `--json`: counts, files, and the usage of each endpoint by its name. */
export function reportObject(counts: BuildCounts, files: BuiltFiles, endpoints: readonly Endpoint[]): object {
  const usage = Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpoint.usage]));
  return { ...counts, ...files, usage };
}
