/** `%%js` and `%typecheck`: cells without types. */
import { done, MagicError, type Magic } from './magic.js';

/** `%%js`. */
export const jsMagic = {
  summary: 'runs the cell as JavaScript in the kernel, with the variables of the session; its types are not checked',
  usage: ['%%js'],
  takes: 'typescript',
  cell: ({ run }) => run({ isJavaScript: true }),
} satisfies Magic;

/** `%typecheck`. */
export const typecheckMagic = {
  summary: 'chooses whether the types of later cells are checked; syntax always is',
  usage: ['%typecheck off', '%typecheck on'],
  takes: 'nothing',
  line({ argument, language }) {
    if (argument !== 'on' && argument !== 'off') {
      throw new MagicError(
        `%typecheck is either on or off, not '${argument}': write %typecheck off, or %typecheck on.`,
      );
    }
    language().checkTypes(argument === 'on');
    return done;
  },
} satisfies Magic;
