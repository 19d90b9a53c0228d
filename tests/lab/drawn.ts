/** Figures on a page, as plotly has drawn them: not what the cell has sent, but what a person sees. */
import type { Locator } from 'playwright-core';

/** One line, or one set of bars or tiles. */
export interface DrawnTrace {
  readonly name: string;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  /** Rows of a heat map; null for other traces. */
  readonly z: readonly (readonly (number | null)[])[] | null;
}

/** The traces of one figure. */
export const drawnTraces = (figure: Locator): Promise<DrawnTrace[]> =>
  figure.evaluate((node) => {
    interface Point {
      readonly x?: number;
      readonly y?: number;
      readonly z?: (number | null)[][];
      readonly trace?: { readonly name?: string };
    }
    return (node as unknown as { calcdata: Point[][] }).calcdata.map((points) => ({
      name: points[0]?.trace?.name ?? '',
      x: points.map(({ x }) => x ?? null),
      y: points.map(({ y }) => y ?? null),
      z: points[0]?.z ?? null,
    }));
  });

/** The figures in a place. */
export const figuresIn = (place: Locator): Locator => place.locator('.js-plotly-plot');

/** The traces of all figures in a place, in their order. */
export async function drawnIn(place: Locator): Promise<DrawnTrace[]> {
  const figures = await figuresIn(place).all();
  return (await Promise.all(figures.map(drawnTraces))).flat();
}
