/** How @jupyter-widgets/controls 2.0.0 draws each control with a value, and how its model's state holds the value. */
import type { CheckboxOptions, DropdownOptions, SliderOptions, TextOptions, Widgets } from './types.js';
import type { State } from './models.js';

/** What a page draws: its classes and their first state. */
export interface Look {
  /** Names of the page's classes, without `Model` and `View`. */
  readonly kind: string;
  readonly style: string;
  readonly state: State;
}

/** A control with a value. */
export interface ValueSpec<Value> extends Look {
  /** Reads the value from a state. */
  read(state: State): Value;
  /** The part of the state that holds a value; throws a RangeError if the control can't have it. */
  write(value: Value): State;
}

/** A control whose model has the value itself in `value`. */
const plain = <Value>(kind: string, style: string, state: State): ValueSpec<Value> => ({
  kind,
  style,
  state,
  read: ({ value }) => value as Value,
  write: (value) => ({ value }),
});

/** The controls of `widgets` that have a value. */
type ValueControlName = Exclude<keyof Widgets, 'button' | 'row' | 'column' | 'custom'>;

/** One row per control with a value: a control of `Widgets` without a row does not compile. Each throws a RangeError for wrong options. */
export const specs = {
  slider({ min = 0, max = 100, step = 1, value = min, continuous = true }: SliderOptions): ValueSpec<number> {
    if (!(min < max)) throw new RangeError(`slider: min (${min}) must be less than max (${max}).`);
    if (!(step > 0)) throw new RangeError(`slider: step must be more than 0, not ${step}.`);
    const whole = [min, max, step, value].every(Number.isInteger);
    const write = (number: number) => {
      if (number >= min && number <= max) return { value: number };
      throw new RangeError(`The slider goes from ${min} to ${max}; ${number} is outside.`);
    };
    const readout = whole ? 'd' : `.${decimalsOf(step)}f`;
    const state = { min, max, step, readout_format: readout, continuous_update: continuous, ...write(value) };
    return { ...plain(whole ? 'IntSlider' : 'FloatSlider', 'SliderStyle', state), write };
  },

  dropdown<T>({ options, ...given }: DropdownOptions<T>): ValueSpec<T> {
    const entries: readonly (readonly [string, T])[] = Array.isArray(options)
      ? (options as readonly T[]).map((option) => [String(option), option])
      : Object.entries(options as Readonly<Record<string, T>>);
    if (entries.length === 0) throw new RangeError('dropdown: options is empty; give it at least one choice.');
    const labels = entries.map(([label]) => label);
    const indexOf = (value: T): number => {
      const index = entries.findIndex(([, option]) => Object.is(option, value));
      if (index >= 0) return index;
      throw new RangeError(`The dropdown has no ${String(value)}; its choices are ${labels.join(', ')}.`);
    };
    return {
      kind: 'Dropdown',
      style: 'DescriptionStyle',
      state: { _options_labels: labels, index: 'value' in given ? indexOf(given.value) : 0 },
      read({ index }) {
        const entry = entries[Number(index ?? 0)];
        if (entry === undefined) throw new RangeError(`The page chose number ${String(index)} of ${entries.length}.`);
        return entry[1];
      },
      write: (value) => ({ index: indexOf(value) }),
    };
  },

  checkbox: ({ value = false }: CheckboxOptions): ValueSpec<boolean> => plain('Checkbox', 'CheckboxStyle', { value }),

  text: ({ value = '', placeholder = '', continuous = true }: TextOptions): ValueSpec<string> =>
    plain('Text', 'TextStyle', { value, placeholder, continuous_update: continuous }),
} satisfies Record<ValueControlName, (options: never) => Look>;

/** Digits behind the decimal point that a readout needs: 2 for 0.05, 7 for 2.5e-6. */
function decimalsOf(step: number): number {
  const [digits = '', exponent = '0'] = String(step).split('e');
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent));
}
