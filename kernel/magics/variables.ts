/** `%who` and `%reset`: the variables that cells have declared. */
import { inspectText } from '../display/text.js';
import type { Variable } from '../language/language.js';
import { done, MagicError, type Magic } from './magic.js';

const longest = 80;

/** `%who`. */
export const whoMagic = {
  summary: "shows the cells' variables with their types",
  usage: ['%who'],
  takes: 'nothing',
  line({ language, display, print }) {
    const variables = language().variables();
    if (variables.length === 0) print('No variables yet.\n');
    else display(variables.map(described));
    return done;
  },
} satisfies Magic;

const described = ({ name, type, value }: Variable) => ({
  name,
  type: oneLine(type),
  value: oneLine(inspectText(value)),
});

function oneLine(text: string): string {
  const line = text.slice(0, 4 * longest).replace(/\s+/g, ' ');
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}

/** `%reset`; with -f it prints nothing. */
export const resetMagic = {
  summary: 'forgets all variables and declarations; with -f it prints nothing',
  usage: ['%reset', '%reset -f'],
  takes: 'nothing',
  line({ argument, language, print }) {
    if (argument !== '' && argument !== '-f') {
      throw new MagicError(`%reset knows only -f (print nothing), not '${argument}'.`);
    }
    const names = language()
      .variables()
      .map(({ name }) => name);
    if (argument === '') print(`${farewell(names)}\n`);
    language().reset();
    return done;
  },
} satisfies Magic;

function farewell(names: readonly string[]): string {
  if (names.length === 0) return 'There are no variables to forget.';
  const listed = names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} ...`;
  return `Forgets ${names.length} ${names.length === 1 ? 'variable' : 'variables'}: ${listed}`;
}
