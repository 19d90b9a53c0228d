/** Jupyter counts cursor positions in code points, JavaScript in UTF-16 units: they differ after an emoji. */

/** A position in UTF-16 units from one in code points: `codePointsToUnits('😀x', 1)` is 2. */
export function codePointsToUnits(text: string, position: number): number {
  let units = 0;
  let points = 0;
  for (const character of text) {
    if (points >= position) break;
    points += 1;
    units += character.length;
  }
  return units;
}

/** A position in code points from one in UTF-16 units: `unitsToCodePoints('😀x', 2)` is 1. */
export function unitsToCodePoints(text: string, position: number): number {
  return Array.from(text.slice(0, position)).length;
}
