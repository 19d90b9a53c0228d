/** What the parts of a rewrite share. */
import type ts from 'typescript';
import type { Edits } from './edits.js';
import type { Names } from './names.js';
import type { References } from './references.js';

/** One cell that is rewritten. */
export interface Rewriting {
  readonly typescript: typeof ts;
  readonly edits: Edits;
  readonly names: Names;
  readonly references: References;
  readonly prologue: string[];
  readonly modules: string[];
}
