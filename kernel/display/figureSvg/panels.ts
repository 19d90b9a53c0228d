/** Turns a figure into marks on axes: finds the axes that traces share, and the ranges of the axes. */
import { axisOptions, createAxis, numbersOn, rangeOf, type Axis, type Extent } from './axis.js';
import { isHorizontal, slotsOf } from './bars.js';
import { defaultColors } from './color.js';
import { fieldsOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import { binHistograms } from './histograms.js';
import type { Mark } from './marks.js';
import { isDrawn, traceKinds, type TraceType } from './traces.js';

/** A trace that can be drawn: its axes and its marks on them. */
export interface DrawnTrace {
  readonly trace: Fields;
  readonly type: TraceType;
  readonly color: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

/** A figure as marks on axes. */
export interface Panels {
  readonly traces: readonly DrawnTrace[];
  readonly axes: ReadonlyMap<string, { readonly axis: Axis; readonly range: readonly [number, number] }>;
  /** Sentences about what the picture leaves out. */
  readonly notes: readonly string[];
}

const axisId = (trace: Fields, letter: 'x' | 'y') => textOf(trace[`${letter}axis`], letter);
const panelOf = (trace: Fields) => `${axisId(trace, 'x')} ${axisId(trace, 'y')}`;
const typeOf = (trace: Fields) => textOf(trace.type, 'scatter');

/** The traces of a figure that can be drawn, as marks on axes. Invisible traces are left out without a note. */
export function arrange(data: readonly unknown[], layout: Fields): Panels {
  const colors = [...listOf(layout.colorway).map((color) => textOf(color, '')), ...defaultColors];
  const given = data.map((trace, index) => {
    const fields = fieldsOf(trace);
    return {
      trace: fields,
      color: ownColor(fields) ?? colors[index % (listOf(layout.colorway).length || defaultColors.length)]!,
    };
  });
  const visible = given.filter(({ trace }) => trace.visible !== false && trace.visible !== 'legendonly');
  const known = visible.filter(({ trace }) => isDrawn(typeOf(trace)) || typeOf(trace) === 'histogram');
  const complete = completed(known.map(({ trace }) => trace));
  const drawn = known.map(({ color }, index) => ({ color, trace: complete[index]! }));
  const notes = new Set(unknownTypes(visible.map(({ trace }) => typeOf(trace))));

  const valuesOn = (id: string, letter: 'x' | 'y') =>
    drawn.flatMap(({ trace }) => (axisId(trace, letter) === id ? listOf(trace[letter]) : []));
  const axes = new Map<string, Axis>();
  for (const letter of ['x', 'y'] as const) {
    for (const id of new Set(drawn.map(({ trace }) => axisId(trace, letter)))) {
      axes.set(id, createAxis(id, optionsOf(layout, id), valuesOn(id, letter)));
    }
  }
  const axisOf = (trace: Fields, letter: 'x' | 'y') => axes.get(axisId(trace, letter))!;

  const slots = new Map(
    ['bar', 'box'].flatMap((type) =>
      groupBy(
        drawn.map(({ trace }) => trace).filter((trace) => typeOf(trace) === type),
        panelOf,
      ).flatMap((traces) => [...slotsOf(traces, (trace) => axisOf(trace, isHorizontal(trace) ? 'y' : 'x'), layout)]),
    ),
  );
  const previous = new Map<string, { x: number[]; y: number[] }>();
  const traces = drawn.map(({ trace, color }): DrawnTrace => {
    const [x, y] = [axisOf(trace, 'x'), axisOf(trace, 'y')];
    // All others were left out above, and histograms are bars now.
    const type = typeOf(trace) as TraceType;
    const context = {
      x,
      y,
      color,
      slot: slots.get(trace) ?? { offset: 0, width: 0.8, pile: undefined },
      previous: previous.get(panelOf(trace)),
      note: (text: string) => void notes.add(text),
    };
    const marks = traceKinds[type].marks(trace, context);
    previous.set(panelOf(trace), { x: numbersOn(x, trace.x), y: numbersOn(y, trace.y) });
    return { trace, type, color, x, y, marks };
  });
  return { traces, axes: withRanges(axes, traces), notes: [...notes] };
}

/** What the layout says about an axis; an axis laid over another one has that one's domain. */
function optionsOf(layout: Fields, id: string): Fields {
  const options = axisOptions(layout, id);
  const below = textOf(options.overlaying, undefined);
  return below === undefined ? options : { ...options, domain: axisOptions(layout, below).domain };
}

function ownColor(trace: Fields): string | undefined {
  const [line, marker] = [fieldsOf(trace.line).color, fieldsOf(trace.marker).color];
  return textOf(line, undefined) ?? (typeof marker === 'string' ? marker : undefined);
}

function unknownTypes(types: readonly string[]): string[] {
  return groupBy(
    types.filter((type) => !isDrawn(type) && type !== 'histogram'),
    (type) => type,
  ).map(
    (same) =>
      `${same.length === 1 ? 'a trace' : `${same.length} traces`} of type '${same[0]!}' can only be drawn by plotly`,
  );
}

/** Traces with both coordinates: missing ones are counted from 0. Histograms become bars. */
function completed(traces: readonly Fields[]): Fields[] {
  const histograms = traces.filter((trace) => typeOf(trace) === 'histogram');
  const binned = new Map(groupBy(histograms, panelOf).flatMap((group) => [...binHistograms(group)]));
  return traces.map((trace, index) => {
    const bars = binned.get(trace);
    if (bars !== undefined) return bars;
    if (typeOf(trace) === 'heatmap') return withCells(trace);
    const missing = trace.x === undefined ? 'x' : trace.y === undefined ? 'y' : undefined;
    if (missing === undefined) return trace;
    const values = listOf(trace[missing === 'x' ? 'y' : 'x']);
    const [start, step] = [numberOf(trace[`${missing}0`], 0), numberOf(trace[`d${missing}`], 1)];
    const name = textOf(trace.name, `trace ${index}`);
    return { ...trace, [missing]: values.map((_, at) => (typeOf(trace) === 'box' ? name : start + at * step)) };
  });
}

function withCells(trace: Fields): Fields {
  const rows = listOf(trace.z);
  const columns = Math.max(0, ...rows.map((row) => listOf(row).length));
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  return { ...trace, x: trace.x ?? count(columns), y: trace.y ?? count(rows.length) };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

/** The axes with their ranges; axes that match another one share its range. */
function withRanges(axes: ReadonlyMap<string, Axis>, traces: readonly DrawnTrace[]): Panels['axes'] {
  const leader = (axis: Axis): string => {
    const id = textOf(axis.options.matches, axis.id);
    return axes.has(id) ? id : axis.id;
  };
  const extentsOf = (axis: Axis) =>
    traces.flatMap(({ x, y, marks }) =>
      [x, y]
        .filter((each) => leader(each) === leader(axis))
        .flatMap((each) => marks.map((mark) => extentOf(mark, each))),
    );
  return new Map([...axes].map(([id, axis]) => [id, { axis, range: rangeOf(axis, extentsOf(axis)) }]));
}

/** The share of the span that stays free around each kind of mark. */
const padding = {
  line: { x: 0, y: 0.06 },
  area: { x: 0, y: 0.06 },
  points: { x: 0.04, y: 0.07 },
  labels: { x: 0.08, y: 0.08 },
} satisfies Record<Exclude<Mark['kind'], 'rectangles'>, { x: number; y: number }>;

function extentOf(mark: Mark, { letter, kind }: Axis): Extent {
  const isBar = mark.kind === 'rectangles' && mark.along === letter;
  // A bar on a logarithmic axis has no foot.
  const values = isBar && kind === 'log' ? mark[letter].filter((_, index) => index % 2 === 1) : mark[letter];
  const [low, high] = values.reduce(
    ([least, most], value) =>
      Number.isFinite(value) ? [Math.min(least, value), Math.max(most, value)] : [least, most],
    [Infinity, -Infinity],
  );
  const share = mark.kind === 'rectangles' ? (isBar ? 0.06 : 0) : padding[mark.kind][letter];
  return { low, high, padding: share, fromZero: isBar };
}
