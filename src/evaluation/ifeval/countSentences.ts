/**
 * The number of sentences, as IFEval's program counts them: with NLTK's Punkt for English. Punkt learned its abbreviations and
 * the words that begin sentences from newspapers; here both are written lists of common words, and the rules are Punkt's.
 *
 * Source: Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection, Computational Linguistics 32(4), 2006.
 */

/** Abbreviations without their last period, those that Punkt's model knows (not `etc`). One ends a sentence only before a word of `commonWords`. */
const abbreviations = new Set(
  (
    'mr mrs ms dr prof st jr sr gen col maj lt rep reps sen adm messrs inc ltd co corp cos bros ave vs v ' +
    'jan feb aug sep sept oct nov dec tues wed fri ala ariz calif colo conn fla ga ill kan ky mich minn nev okla ore pa ' +
    'tenn va vt wash wis u.s u.k u.n u.s.a u.s.s.r d.c n.y n.j n.c s.c n.h n.m l.a r.i a.m p.m ph.d m.b.a ft yr mg ok'
  ).split(' '),
);

/** Words that are written small inside a sentence, so a capital shows that one begins. */
const commonWords = new Set(
  (
    'the a an this that these those it its he his she her they their we our you your i my there here what which who when ' +
    'where why how if in on at by for from with without of to as and but or so yet nor not no yes all some any each every ' +
    'many most more one two three first second also then thus however while after before during since until although ' +
    'because once whether both such please let do does did is are was were will would can could should may might must have ' +
    'has had be been being another other others several few just even only still now today over under between through'
  ).split(' '),
);

/** A token of the text: what it is, and whether a sentence ends with it. */
interface Token {
  readonly text: string;
  readonly isPeriod: boolean;
}

const closers = /^["')\]}]+?(?:\s+|(?=--)|$)/;
/** A run of characters with a sentence's end, and what follows it: a mark, or white space and the next word. */
const candidate = /(?<![^\s.?!])\S*[.?!](?=(?:[?!)";}\]*:@'({[])|\s+(\S+))/g;

/**
 * The number of sentences of a text: a sentence ends at `.`, `?` or `!` before white space or a mark, unless the period belongs
 * to an abbreviation, an initial or a number that the sentence goes on after. Line breaks alone end none.
 *
 * @example
 * countSentences('Dr. Hill left at 5 p.m. and came back. Why?'); // 2
 */
export function countSentences(text: string): number {
  const pieces: string[] = [];
  let start = 0;
  for (const match of text.matchAll(candidate)) {
    if (match.index < start) continue;
    const end = match.index + match[0].length;
    const next = match[1];
    const following = next ?? /^\S+/.exec(text.slice(end))?.[0] ?? '';
    if (!endsSentence(match[0], following)) continue;
    pieces.push(text.slice(start, end));
    start = next === undefined ? end : end + /^\s+/.exec(text.slice(end))![0].length;
  }
  pieces.push(text.slice(start).trimEnd());
  return withoutClosers(pieces).length;
}

/** Closing marks at the beginning of a sentence belong to the one before; a sentence of such marks alone is none. */
function withoutClosers(pieces: readonly string[]): string[] {
  return pieces
    .map((piece, index) => (index === 0 ? piece : piece.replace(closers, '')))
    .filter((piece) => piece.trim() !== '');
}

/** True if a sentence ends with this run of characters and another begins with the next. */
function endsSentence(run: string, next: string): boolean {
  const last = tokenOf(run);
  if (!last.isPeriod) return true;
  const word = last.text.slice(0, -1).toLowerCase();
  const begins = beginsSentence(next);
  if (last.text === '..' || /\.{2,}$/.test(last.text)) return begins === 'yes';
  if (/^\p{L}\.$/u.test(last.text)) return begins === 'yes' || (begins === 'unknown' && !/^\p{Lu}/u.test(next));
  if (abbreviations.has(word) || abbreviations.has(word.split('-').at(-1)!)) return begins === 'yes';
  if (/^[-+]?[\d.,]*\d$/.test(word)) return begins !== 'no';
  return true;
}

/** The last token of a run: `?` and `!` stand alone, a period stays with its word. */
function tokenOf(run: string): Token {
  if (/[?!]$/.test(run)) return { text: run.slice(-1), isPeriod: false };
  const text = /[^("`{[:;&#*@)}\]\-,?!'][^?!)";}\]*:@'({[]*$/.exec(run)?.[0] ?? '.';
  return { text, isPeriod: text !== '.' };
}

function beginsSentence(word: string): 'yes' | 'no' | 'unknown' {
  if (/^[;:,.!?]/.test(word)) return 'no';
  if (/^\p{Ll}/u.test(word)) return 'no';
  if (/^\p{Lu}/u.test(word) && commonWords.has(word.toLowerCase().replace(/[^\p{L}].*$/u, ''))) return 'yes';
  return 'unknown';
}
