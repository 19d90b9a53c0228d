/** The table of magics. */
import { done, type Magic, type MagicName } from './magic.js';
import { jsMagic, typecheckMagic } from './javascript.js';
import { npmMagic } from './npm.js';
import { showMagics } from './show.js';
import { timeMagic } from './time.js';
import { resetMagic, whoMagic } from './variables.js';

/** All magics: a new one is a name in magic.ts and a row here. A name without a row does not compile. */
export const magics = {
  ...showMagics,
  lsmagic: {
    summary: 'lists the magics',
    usage: ['%lsmagic'],
    takes: 'nothing',
    line({ print }) {
      print(`${listMagics()}\n`);
      return done;
    },
  },
  js: jsMagic,
  npm: npmMagic,
  reset: resetMagic,
  time: timeMagic,
  typecheck: typecheckMagic,
  who: whoMagic,
} satisfies Record<MagicName, Magic>;

/** The names, sorted. */
export const magicNames = (Object.keys(magics) as MagicName[]).sort();

/** The magic of a name; `undefined` if there is none. */
export const findMagic = (name: string): Magic | undefined =>
  Object.hasOwn(magics, name) ? magics[name as MagicName] : undefined;

/** One line per usage, and how to write magics. */
export function listMagics(): string {
  const rows = magicNames.flatMap((name) =>
    magics[name].usage.map((usage, index) => [usage, index === 0 ? magics[name].summary : '']),
  );
  const width = Math.max(...rows.map(([usage]) => usage!.length));
  return [
    ...rows.map(([usage, summary]) => `${usage!.padEnd(width)}  ${summary!}`.trimEnd()),
    '',
    '%%name is the first line of a cell and works on the whole of it.',
    '%name is a line of its own at the top of a cell; the code below it runs as usual.',
    '%name? tells more.',
  ].join('\n');
}

/** What `%name?` shows; for `magic` or an unknown name, the list of all magics. */
export function magicHelp(name: string): string {
  const magic = findMagic(name);
  if (magic === undefined) return name === 'magic' ? listMagics() : `There is no magic '${name}'.\n\n${listMagics()}`;
  return [...magic.usage, '', `${magic.summary.charAt(0).toUpperCase()}${magic.summary.slice(1)}.`].join('\n');
}
