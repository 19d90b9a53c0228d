/**
 * The 192 words of the miniature world. One word is one token; every text is words joined by single spaces.
 *
 * The list is the same for every world; the seed decides the prices and the places.
 */

/** Padding, beginning and end of a sequence: the first three token ids. */
export const specialTokens = ['<pad>', '<bos>', '<eos>'] as const;

/** The goods of the village: each has a price and a place. */
export const nouns: readonly string[] = list(`
  apple pear plum cherry melon bread bun cake pie cheese butter milk egg honey salt pepper flour oat barley corn bean
  pea onion garlic carrot turnip cabbage leek fish eel ham sausage soup tea cider wine knife fork spoon bowl cup plate
  jug pot pan kettle barrel bucket basket sack rope chain hammer saw axe nail shovel rake plough ladder wheel cart
  saddle bridle stool table bench chest lamp candle mirror clock broom blanket pillow quilt rug coat hat boot glove
  scarf belt shirt apron cloak ring book map quill drum flute fiddle bell kite doll`);

/** The places of the village. */
export const places: readonly string[] = list('market harbor mill forest castle meadow tavern chapel');

/** 0 to 19: prices are 1 to 9, payments 10 to 18, sums at most 18, and a slip adds or subtracts 1. */
export const numbers: readonly string[] = Array.from({ length: 20 }, (_, number) => String(number));

/** The amounts to pay with, each more than any price. */
export const payments: readonly string[] = numbers.slice(10, 19);

const functionWords: readonly string[] = list(`
  ? : , . ! + - =
  price of where is and cost or dearer pay for change then route
  vs so coins stones because as note
  sure well ok right happy to help certainly let us work through this step by
  hope that helps cheers anything else please me know if you need more
  it the costs at can find go first get`);

/** All words, special tokens first: a word's index is its token id. */
export const vocabulary: readonly string[] = [...specialTokens, ...functionWords, ...numbers, ...places, ...nouns];

function list(text: string): string[] {
  return text.trim().split(/\s+/);
}
